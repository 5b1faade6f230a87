"""One detector a file: functions of a stream of log entries, each for one thing that goes wrong in training."""

from collections.abc import Iterable, Mapping

from pixel.monitoring.anomalies.detector import Detector
from pixel.monitoring.anomalies.gradient_explosion import GradientExplosion
from pixel.monitoring.anomalies.label_noise import LabelNoise
from pixel.monitoring.anomalies.learning_rate_jump import LearningRateJump
from pixel.monitoring.anomalies.loss_spike import LossSpike
from pixel.monitoring.anomalies.not_finite import NotFinite
from pixel.monitoring.anomalies.objective_collapse import ObjectiveCollapse
from pixel.monitoring.anomalies.plateau import Plateau

DETECTORS: dict[str, type[Detector]] = {
    "not_finite": NotFinite,
    "learning_rate_jump": LearningRateJump,
    "objective_collapse": ObjectiveCollapse,
    "loss_spike": LossSpike,
    "gradient_explosion": GradientExplosion,
    "label_noise": LabelNoise,
    "plateau": Plateau,
}
"""By name, causes before effects: the order in which alerts of one log are sent."""

_BY_OBJECTIVE = ("objective_collapse", "label_noise")


def build_detectors(
    objectives: Mapping[str, Iterable[str]] | None = None,
    options: Mapping[str, Mapping[str, float] | bool] | None = None,
) -> dict[str, Detector]:
    """
    All detectors, or those not switched off.

    Args:
        objectives: objective -> the components (`loss_NAME`) it is made of.
        options: detector -> its own options, or `False` for none: `{"plateau": False, "loss_spike": {"z": 10}}`.

    Raises:
        ValueError: no detector of that name, or it has no such option.

    Example:
        >>> sorted(build_detectors(options={"plateau": False}).keys() ^ DETECTORS.keys())
        ['plateau']
    """
    options = dict(options or {})
    if unknown := sorted(set(options) - set(DETECTORS)):
        raise ValueError(f"no detector is called {unknown[0]!r}; use one of: {', '.join(DETECTORS)}")
    built = {}
    for name, kind in DETECTORS.items():
        given = options.get(name, {})
        if given is False:
            continue
        given = {} if given is True else dict(given)
        if name in _BY_OBJECTIVE:
            given = {"objectives": objectives} | given
        try:
            built[name] = kind(**given)
        except TypeError as error:
            raise ValueError(f"{name}: {error}") from error
    return built


__all__ = ["DETECTORS", "Detector", "build_detectors", *(kind.__name__ for kind in DETECTORS.values())]
