"""From a Gram matrix to weights: names for TorchJD's Gramian weightings, on one common scale."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

TORCHJD = 'pip install "torchjd[quadprog-projector]>=0.18,<0.19"'
"""What the default weightings need. CAGrad and FairGrad (and so Nash-MTL) name their own extras when missing."""


@dataclass(frozen=True)
class _Recipe:
    """How to build a weighting from preferences `[m]` that sum to 1; is its answer a mean (sums to 1), is it drawn?"""

    build: Callable[[Tensor], Callable[[Tensor], Tensor]]
    is_mean: bool
    takes_priorities: bool = False
    random: bool = False


def _torchjd(name: str):
    try:
        import torchjd.aggregation as aggregation
    except ImportError as error:
        raise ImportError(f"this weighting needs torchjd. Install it with: {TORCHJD}") from error
    return getattr(aggregation, name)


def _projector():
    # TorchJD's default regularisation of 1e-4 shifts weights by up to .05 when norms differ five-fold.
    from torchjd.linalg import QuadprogProjector

    return QuadprogProjector(norm_eps=1e-9, reg_eps=1e-9)


def _cagrad(preference: Tensor, c: float = 0.5) -> Callable[[Tensor], Tensor]:
    weighting = _torchjd("CAGradWeighting")(c=c)
    return lambda gram: weighting(gram) / (1 + c)  # its gradient is 1 + c times the mean when nothing conflicts


def _unitnorm(preference: Tensor) -> Callable[[Tensor], Tensor]:
    def weights(gram: Tensor) -> Tensor:
        norms = gram.diagonal().sqrt()
        return norms.mean() / norms

    return weights


def _metabalance(preference: Tensor, relax: float = 0.7) -> Callable[[Tensor], Tensor]:
    def weights(gram: Tensor) -> Tensor:
        norms = gram.diagonal().sqrt()
        return relax * norms[0] / norms + (1 - relax)

    return weights


def _pcd(preference: Tensor, share: float = 0.02) -> Callable[[Tensor], Tensor]:
    share = (share * preference[1:] / preference[0]).clamp(max=1.0)  # of the progress along each one's own gradient
    return _torchjd("PCDWeighting")(tau=share, beta=0.0)  # no average of norms inside: `Balancer.ema` smooths


_RECIPES = {
    "upgrad": _Recipe(lambda p: _torchjd("UPGradWeighting")(p, projector=_projector()), True, True),
    "mgda": _Recipe(lambda p: _torchjd("MGDAWeighting")(), True),
    "pcgrad": _Recipe(lambda p: _torchjd("PCGradWeighting")(), False, random=True),
    "cagrad": _Recipe(_cagrad, True),
    "imtlg": _Recipe(lambda p: _torchjd("IMTLGWeighting")(), True),
    "alignedmtl": _Recipe(lambda p: _torchjd("AlignedMTLWeighting")(p), True, True),
    "dualproj": _Recipe(lambda p: _torchjd("DualProjWeighting")(p, projector=_projector()), True, True),
    "fairgrad": _Recipe(lambda p: _torchjd("FairGradWeighting")(alpha=2.0), False),
    # Nash-MTL asks for G w = 1 / w, which is FairGrad at alpha = 1: the same point, without cvxpy and ECOS.
    "nashmtl": _Recipe(lambda p: _torchjd("FairGradWeighting")(alpha=1.0), False),
    "unitnorm": _Recipe(_unitnorm, False),
    "metabalance": _Recipe(_metabalance, False),
    "pcd": _Recipe(_pcd, False, True),
}

WEIGHTINGS = ("sum", "mean", *_RECIPES)
"""
The names: plain sum, plain mean, UPGrad (Quinton & Rey 2024), MGDA (Sener & Koltun 2018), PCGrad (Yu et al. 2020),
CAGrad with c = .5, divided by 1 + c (Liu et al. 2021a), IMTL-G (Liu et al. 2021b), Aligned-MTL (Senushkin et al.
2023), DualProj (Lopez-Paz & Ranzato 2017), FairGrad with alpha = 2 (Ban & Ji 2024), Nash-MTL (Navon et al. 2022),
unit norm (every gradient scaled to their mean norm), MetaBalance with relax factor .7 (magnitudes drawn towards that
of the first objective, He et al. 2022) and PCD (the first objective leads, every other one keeps a share of its own
progress, arXiv 2606.29521).
"""


def installed_weightings() -> list[str]:
    """Those of [`WEIGHTINGS`] whose solvers are installed here: CAGrad's are an extra of TorchJD."""

    def builds(name: str) -> bool:
        try:
            GramWeighting(name, 2)
        except ImportError:
            return False
        return True

    return [name for name in WEIGHTINGS if builds(name)]


class GramWeighting:
    """
    A named weighting: Gram matrix `[k, k]` in, weights `[k]` out.

    Scale: TorchJD's weightings that answer with a mean (they share out 1) are multiplied by the number of active
    objectives, so that the uniform answer is always 1 for each and equals the plain sum; `mean` alone stays at
    1/k. The Gram matrix is first divided by its mean diagonal, so weights do not depend on the scale of the losses
    (FairGrad's and Nash-MTL's would). Objectives without a gradient are left out and get weight 1.
    PCD alone is no balance: its step has the length of the first gradient, so the others weigh next to nothing where
    they do not conflict with it. In MetaBalance and PCD the first objective that has a gradient leads.

    Args:
        name (`str`): one of [`WEIGHTINGS`].
        k (`int`): number of objectives.
        priorities (`Tensor` or `None`): positive `[k]`, relative importance, 1 each by default. For `sum` and
            `mean` they are fixed weights of the trunk's gradients, as given; for `upgrad`, `alignedmtl` and
            `dualproj` only their proportions count. For `pcd` the share of progress that objective j keeps is .02
            times its priority over the first one's, at most 1.

    Raises:
        ValueError: unknown name (the message lists the names), or priorities that are not positive, not k, or not
            taken by this weighting.
        ImportError: TorchJD or an extra is missing; the message says what to install.
    """

    def __init__(self, name: str, k: int, priorities: Tensor | None = None):
        if name not in WEIGHTINGS:
            raise ValueError(f"unknown weighting {name!r}; the names are {', '.join(WEIGHTINGS)}")
        self.name, self.k = name, k
        self.fixed = name in ("sum", "mean")
        if priorities is not None:
            takers = ("sum", "mean", *(other for other, recipe in _RECIPES.items() if recipe.takes_priorities))
            if name not in takers:
                raise ValueError(f"weighting {name!r} takes no priorities; these do: {', '.join(takers)}")
            if priorities.shape != (k,) or not bool((priorities > 0).all()):
                raise ValueError(f"priorities must be {k} positive numbers, found {priorities.tolist()}")
        self.priorities = torch.ones(k, dtype=torch.float64) if priorities is None else priorities.double()
        self._built: dict[tuple[bool, ...], Callable[[Tensor], Tensor]] = {}
        if not self.fixed:
            self._weighting(torch.ones(k, dtype=torch.bool))  # say now what is not installed, not in the first step

    @property
    def start(self) -> Tensor:
        """The weights before any gradient was seen, float64 `[k]`: 1 each, or the fixed weights."""
        if self.fixed:
            return self.priorities / (self.k if self.name == "mean" else 1)
        return torch.ones(self.k, dtype=torch.float64)

    def __call__(self, gram: Tensor, seed: int = 0) -> Tensor:
        """
        Args:
            gram (`Tensor`): finite, symmetric `[k, k]`.
            seed (`int`): of PCGrad's random order, drawn apart from the global generator so that all ranks agree.

        Returns:
            `Tensor`: float64 `[k]` on the CPU.
        """
        weights = self.start
        gram = gram.detach().double().cpu()
        diagonal = gram.diagonal()
        active = diagonal > 1e-24 * diagonal.max().clamp_min(0)
        m = int(active.sum())
        if self.fixed or m == 0:
            return weights
        recipe = _RECIPES[self.name]
        scaled = (gram if m == self.k else gram[active][:, active]) / (diagonal * active).sum() * m
        with torch.no_grad(), torch.random.fork_rng(devices=[], enabled=recipe.random):
            if recipe.random:
                torch.manual_seed(seed)
            answer = self._weighting(active)(scaled)
        answer = answer.double() * (m if recipe.is_mean else 1)
        return answer if m == self.k else weights.masked_scatter(active, answer)

    def _weighting(self, active: Tensor) -> Callable[[Tensor], Tensor]:
        key = tuple(active.tolist())
        if key not in self._built:
            preference = self.priorities[active]
            self._built[key] = _RECIPES[self.name].build(preference / preference.sum())
        return self._built[key]
