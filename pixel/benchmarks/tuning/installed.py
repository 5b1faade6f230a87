"""What tuning needs beside Pixel, and what to say where it is missing."""

from types import ModuleType

from pixel.training.arguments import SettingError

INSTALL = 'pip install "pixel-eq[tune]"'
INSTALL_PLOTS = 'pip install "pixel-eq[plots]"'


def optuna() -> ModuleType:
    """
    Optuna, quiet: its own lines would run through the progress bar, and it warns of parts that are new to it.

    Raises:
        SettingError: it is not installed.
    """
    import warnings

    try:
        import optuna
    except ImportError as error:
        raise SettingError(f"tuning needs Optuna, which is not installed. Mend: {INSTALL}") from error
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
