"""The peer: TorchJD as its documentation uses it, `autojac.backward` and an aggregator with its defaults."""

import warnings

import numpy as np
import torch

from pixel.benchmarks.pareto_problem import QuadraticProblem

PEERS = ("sum", "upgrad", "mgda", "pcgrad", "cagrad", "imtlg", "alignedmtl", "dualproj", "fairgrad", "nashmtl")


def aggregator(name: str, k: int):
    """
    TorchJD's aggregator of a name.

    Raises:
        ImportError: TorchJD or one of its extras is missing; the message says what to install.
    """
    import torchjd.aggregation as jd

    return {
        "sum": jd.Sum,
        "upgrad": jd.UPGrad,
        "mgda": jd.MGDA,
        "pcgrad": jd.PCGrad,
        "cagrad": lambda: jd.CAGrad(c=0.5),
        "imtlg": jd.IMTLG,
        "alignedmtl": jd.AlignedMTL,
        "dualproj": jd.DualProj,
        "fairgrad": lambda: jd.FairGrad(alpha=2.0),
        "nashmtl": lambda: jd.NashMTL(n_tasks=k),
    }[name]()


def peer_descend(
    name: str, problem: QuadraticProblem, preference: np.ndarray, index: int, steps: int, lr: float = 0.1
) -> np.ndarray:
    """
    As `pixel.benchmarks.pareto_run.descend`: the same start, noise, optimizer and learning rates.

    Args:
        name (`str`): `torchjd:NAME`, of [`PEERS`].
    """
    from torchjd.autojac import backward, jac_to_grad

    name = name.removeprefix("torchjd:")
    x = torch.tensor(problem.start(index), requires_grad=True)
    noise = np.random.default_rng([problem.seed, index, 1])
    asked, scales = torch.from_numpy(problem.k * preference), torch.from_numpy(problem.scales)
    minima, curvatures = torch.from_numpy(problem.minima), torch.from_numpy(problem.curvatures)
    combine = aggregator(name, problem.k)
    optimizer = torch.optim.Adam([x], lr=lr)
    decay = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cvxpy on how Nash-MTL's problem is written
        torch.manual_seed(problem.seed)
        for _ in range(steps):
            apart = x - minima
            shake = torch.from_numpy(problem.noise * noise.normal(size=(problem.k, problem.dimensions)))
            q = 0.5 * (apart * (curvatures @ apart.unsqueeze(-1)).squeeze(-1)).sum(-1)
            q = q + shake @ (x - x.detach())  # noise in the gradient, none in the value
            losses = asked * scales * (torch.log1p(problem.bend * q) / problem.bend if problem.bend else q)
            optimizer.zero_grad()
            backward(list(losses))
            jac_to_grad([x], combine)
            optimizer.step()
            decay.step()
    return x.detach().numpy()
