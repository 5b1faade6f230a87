"""Loss weights over time, one strategy a file: what each objective's loss is multiplied by at each step."""

from .cosine import CosineAnnealing
from .curriculum import Curriculum
from .dwa import DynamicWeightAverage
from .exponential import ExponentialDecay
from .famo import FAMO
from .fixed import Fixed
from .gradnorm import GradNorm
from .pareto import ParetoOptimal
from .schedule import Schedule
from .uncertainty import Uncertainty

SCHEDULES: dict[str, type[Schedule]] = {
    "fixed": Fixed,
    "dwa": DynamicWeightAverage,
    "cosine": CosineAnnealing,
    "exponential": ExponentialDecay,
    "curriculum": Curriculum,
    "gradnorm": GradNorm,
    "pareto": ParetoOptimal,
    "uncertainty": Uncertainty,
    "famo": FAMO,
}
