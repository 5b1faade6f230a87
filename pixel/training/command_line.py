"""What every recipe's command line shares: help without loading torch, one YAML plus overrides, errors in one line."""

import dataclasses
import os
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, get_origin

from pixel.training.arguments import DataArguments, ModelArguments, ObjectiveArguments, SettingError
from pixel.training.run_arguments import RunArguments

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before torch: spinning threads halve a shared CPU's throughput

_GROUPS = {"data": DataArguments, "model": ModelArguments, "objectives": ObjectiveArguments, "run": RunArguments}


def show_help(description: str, *groups: str) -> bool:
    """
    Print help if it was asked for.

    Args:
        description: the recipe's docstring.
        groups: which option groups the recipe takes: `data`, `model`, `objectives`, `run`.

    Returns:
        whether it was, so that the recipe can stop before anything heavy is imported.
    """
    if not {"-h", "--help"} & set(sys.argv[1:]):
        return False
    print(textwrap.dedent(description).strip())
    print("\n  --config FILE\n      YAML with any of the options below.")
    for group in groups:
        print(f"\n{(_GROUPS[group].__doc__ or group).strip()}")
        for option in dataclasses.fields(_GROUPS[group]):
            default = option.default_factory() if option.default_factory is not dataclasses.MISSING else option.default
            print(f"  --{option.name} (default: {default})\n      {option.metadata.get('help', '')}")
    if groups:
        print("\nAnd every option of trl.SFTConfig: --max_steps, --learning_rate, --per_device_train_batch_size, ...")
    return True


def parse(*kinds) -> tuple:
    """
    Read `--config FILE` and the command line into dataclasses.

    Raises:
        SystemExit: with one line, for an unknown key or a file that is not there.
    """
    import yaml
    from trl import TrlParser

    parser = TrlParser(kinds)
    parser.error = _refuse  # argparse's own prints every option there is
    for action in parser._actions:
        action.nargs = "*" if action.nargs == "+" else action.nargs  # `--corpora` alone: none
        action.type = _mapping if dict in (action.type, get_origin(action.type)) else action.type
    arguments = sys.argv[1:]
    for flag, value in zip(arguments, arguments[1:], strict=False):
        if flag == "--config" and not os.path.isfile(value):
            sys.exit(f"error: --config {value}: no such file. Mend: name a YAML such as recipes/configs/tiny_cpu.yaml")
    try:
        return parser.parse_args_and_config()
    except SettingError as error:
        sys.exit(f"error: {error}")
    except yaml.YAMLError as error:
        sys.exit(f"error: --config: not YAML: {' '.join(str(error).split())}. Mend: fix that line")
    except ValueError as error:
        known = sorted({option.name for kind in kinds for option in dataclasses.fields(kind)})
        sys.exit(f"error: {' '.join(str(error).split())}{_nearest(str(error), known)}")


def _mapping(text: str) -> dict:
    """A dictionary on the command line, as in the YAML: `{language: 0.5}`."""
    import yaml

    value = yaml.safe_load(text)
    if not isinstance(value, dict):
        raise ValueError(text)
    return value


def _refuse(message: str) -> NoReturn:
    raise ValueError(message)


def _nearest(message: str, known: list[str]) -> str:
    import difflib
    import re

    words = [word for word in re.findall(r"[A-Za-z_]{3,}", message) if word not in known]
    words = [word for word in words if "_" in word or len(words) < 12]
    guesses = {guess for word in words for guess in difflib.get_close_matches(word, known, 1)}
    return f". Mend: did you mean {', '.join(sorted(guesses))}?" if guesses else ". Mend: see --help"


@contextmanager
def explain() -> Iterator[None]:
    """Turn the errors a user can mend into one line on stderr and exit status 1; others keep their traceback."""
    from pixel.checkpoints.errors import CheckpointError
    from pixel.data.errors import ConversationError

    try:
        yield
    except Exception as error:
        loading = sys.modules.get("pixel.training.loading")  # not loaded, not raised; it takes torch, seconds
        mendable = (CheckpointError, ConversationError, SettingError, FileNotFoundError)
        if isinstance(error, mendable) or (loading and isinstance(error, loading.ModelFolderError)):
            sys.exit(f"error: {error}")
        raise
