"""The balancer: from the Gram matrices of a run to the weights the fork applies, across micro-batches and ranks."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

import torch
import torch.distributed as dist
from torch import Tensor

from .checks import number
from .conflicts import ConflictLog
from .norm_watch import NormWatch
from .weighting import GramWeighting


class Balancer:
    r"""
    Holds the objectives, their weighting, where its Gram matrix comes from and when it acts.

    Timing of the representation Gram matrix (inner products of the gradients at the fork):

    - `"immediate"`: each backward pass solves for its own Gram matrix, after an all-reduce over the ranks.
    - `"previous_step"`: micro-batches add up their Gram matrices (exact, since samples share no coordinates), and
      [`step`] reduces, smooths and solves once for the next optimizer step. So 1 x 8 and 8 x 1 accumulation agree,
      and nothing waits for a solver or the network inside the backward pass.

    Ranks are summed. Under DDP, which averages gradients over `W` ranks, the Gram matrix of the averaged loss is
    `1 / W**2` of that; weights do not depend on the scale, logged norms do. Under `"immediate"` every rank must
    run equally many backward passes (a missing loss is a differentiable zero). The plain sum never solves.

    Args:
        objectives (sequence of `str`): k names, the language objective first.
        weighting (`str`): one of [`WEIGHTINGS`].
        source (`str`): `"representation"`, or `"lora"` for weights from probes only (see [`observe`]); the
            representation Gram matrix is then still recorded for the log.
        timing (`str`): `"immediate"` or `"previous_step"`.
        ema (`float`): in [0, 1), the share of the past in the exponential average of Gram matrices.
        priorities (mapping, sequence or `None`): relative importance of each objective (see [`GramWeighting`]).
        monitor (`bool`): record Gram matrices for the log even where the weights do not need them.
        process_group: where the k x k matrices are reduced; by default a group of its own (see [`connect`]).
        norm_cap (`float` or `None`): the most that one objective's weighted norm may be of the others' median (see
            [`NormWatch`]); with it the plain sum solves too.
        smoothing (`float`): in [0, 1), the share of the last weights in the new ones (CR-MOGM, Zhou et al. 2022).

    Raises:
        ValueError: no or repeated objectives, unknown option, a share or `norm_cap` out of range.
        ImportError: the weighting needs something that is not installed.
    """

    def __init__(
        self,
        objectives: Sequence[str],
        weighting: str = "sum",
        source: Literal["representation", "lora"] = "representation",
        timing: Literal["immediate", "previous_step"] = "immediate",
        ema: float = 0.0,
        priorities: Mapping[str, float] | Sequence[float] | None = None,
        monitor: bool = False,
        process_group=None,
        norm_cap: float | None = None,
        smoothing: float = 0.0,
    ):
        self.objectives = tuple(objectives)
        k = len(self.objectives)
        if k == 0 or len(set(self.objectives)) != k:
            raise ValueError(f"objectives must be distinct names, at least one, found {self.objectives}")
        if source not in ("representation", "lora"):
            raise ValueError(f"source must be 'representation' or 'lora', found {source!r}")
        if timing not in ("immediate", "previous_step"):
            raise ValueError(f"timing must be 'immediate' or 'previous_step', found {timing!r}")
        ema, smoothing = number("ema", ema, least=0, below=1), number("smoothing", smoothing, least=0, below=1)
        if isinstance(priorities, Mapping):
            if unknown := set(priorities) - set(self.objectives):
                raise ValueError(f"priorities for unknown objectives {sorted(unknown)}; known: {self.objectives}")
            priorities = [priorities.get(name, 1.0) for name in self.objectives]
        if priorities is not None:
            priorities = torch.tensor(list(priorities), dtype=torch.float64)
        self.weighting = GramWeighting(weighting, k, priorities)
        self.norm_watch = None if norm_cap is None else NormWatch(self.objectives, norm_cap)
        self.source, self.timing, self.ema, self.monitor, self.smoothing = source, timing, ema, monitor, smoothing
        self.group = process_group
        self.log, self.probe_log = ConflictLog(self.objectives), ConflictLog(self.objectives)
        self.weights = self.weighting.start
        self.fallbacks = 0
        self._solves = 0
        self._average: Tensor | None = None
        self._accumulated: Tensor | None = None
        self._dropped: Tensor | None = None
        self._paused = False

    @property
    def fixed(self) -> bool:
        """Whether the weights never change: a plain sum or mean without a norm cap."""
        return self.weighting.fixed and self.norm_watch is None

    @property
    def _solves_in_backward(self) -> bool:
        return self.source == "representation" and self.timing == "immediate" and not self.fixed

    @property
    def wants_gram(self) -> bool:
        """Whether the fork should form its Gram matrix: not while paused, nor for an unmonitored plain sum."""
        return not self._paused and (self.monitor or not self.fixed)

    def in_backward(self, gram: Tensor | None) -> Tensor:
        """
        Called by the fork in its backward pass.

        Args:
            gram (`Tensor` or `None`): this rank's `[k, k]`; `None` where `wants_gram` is false.

        Returns:
            `Tensor`: weights, float64 `[k]` on the CPU; all ones while paused. Under `"immediate"` a non-finite
            Gram matrix gives the starting weights; under `"previous_step"` it is left out of the sum. Both are
            counted in `fallbacks`.
        """
        if self._paused:
            return torch.ones(len(self.objectives), dtype=torch.float64)
        if gram is not None:
            if self._solves_in_backward:
                self.weights = self._digest(self._reduce(gram), self.log)
            else:
                self._accumulate(gram)
        return self.weights

    def step(self) -> None:
        """Call after each optimizer step, on every rank: reduces and solves the Gram matrices of the step, if any."""
        if not self.wants_gram or self._solves_in_backward:
            return
        if self._dropped is not None:
            self.fallbacks += int(self._dropped)
        gram = self._reduce(torch.zeros_like(self.log.seen) if self._accumulated is None else self._accumulated)
        self._accumulated = self._dropped = None
        if self.source == "lora" or self.fixed:
            if bool(gram.isfinite().all()) and bool(gram.any()):
                self.log.update(gram)
        elif bool(gram.any()):  # otherwise no backward pass came by: keep what is known
            self.weights = self._digest(gram, self.log)

    def observe(self, gram: Tensor) -> None:
        """
        Take in the Gram matrix of a probe (LoRA B or full parameters), on every rank.

        With `source="lora"` the average over probes decides the weights until the next one; otherwise the probe is
        only logged. Each rank's own Gram matrix is summed; products of gradients across ranks are left out.

        Args:
            gram (`Tensor`): this rank's `[k, k]`. A non-finite one is counted in `fallbacks` and changes nothing.
        """
        gram = self._reduce(gram)
        if not bool(gram.isfinite().all()):
            self.fallbacks += 1
        elif self.source == "lora" and not self.fixed:
            self.weights = self._digest(gram, self.probe_log)
        else:
            self.probe_log.update(gram)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """For probes: inside, the fork passes the plain sum and records nothing."""
        before, self._paused = self._paused, True
        try:
            yield
        finally:
            self._paused = before

    def connect(self) -> None:
        """
        Make the process group of the k x k reductions, apart from the one that reduces gradients.

        Happens by itself at the first reduction; call it on every rank before training to keep it out of a backward
        pass. Does nothing for a single process.
        """
        if self.group is None and dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1:
            self.group = dist.new_group()

    @property
    def last(self) -> dict[str, float]:
        """
        Floats for the log: `weight/NAME`, `gradient_norm/NAME`, `cosine/A_B`, `magnitude_ratio/A_B`,
        `conflict_fraction` (running; also by pair), the same of probes under `probe/`, `fallbacks`; [`NormWatch`]'s.
        """
        weights = {f"weight/{name}": w for name, w in zip(self.objectives, self.weights.tolist(), strict=True)}
        rest = (self.norm_watch.as_dict() if self.norm_watch else {}) | {"fallbacks": float(self.fallbacks)}
        return weights | self.log.as_dict() | self.probe_log.as_dict("probe/") | rest

    def state_dict(self) -> dict[str, Tensor | float | dict]:
        """Everything a resumed run needs: CPU tensors, floats, JSON-able dicts. Save it between optimizer steps."""
        counts = {"solves": float(self._solves), "fallbacks": float(self.fallbacks)}
        state = {"weights": self.weights.clone()} | counts
        for name, log in (("log", self.log), ("probe", self.probe_log)):
            state |= {f"{name}_seen": log.seen.clone(), f"{name}_conflicts": log.conflicts.clone()}
            if log.gram is not None:
                state[f"{name}_gram"] = log.gram.clone()
        if self._average is not None:
            state["average"] = self._average.clone()
        return state | ({"norm_watch": self.norm_watch.state_dict()} if self.norm_watch else {})

    def load_state_dict(self, state: Mapping[str, Tensor | float | dict]) -> None:
        """
        Resume from [`state_dict`].

        Raises:
            ValueError: it was saved with another number of objectives.
        """
        k = len(self.objectives)
        if len(state["weights"]) != k:
            raise ValueError(f"this state has {len(state['weights'])} objectives, the balancer has {k}")
        if not self.fixed:
            self.weights = state["weights"].clone()
        self._solves, self.fallbacks = int(state["solves"]), int(state["fallbacks"])
        for name, log in (("log", self.log), ("probe", self.probe_log)):
            log.seen, log.conflicts = state[f"{name}_seen"].clone(), state[f"{name}_conflicts"].clone()
            log.gram = state[f"{name}_gram"].clone() if f"{name}_gram" in state else None
        self._average = state["average"].clone() if "average" in state else None
        self._accumulated = self._dropped = None
        if self.norm_watch and "norm_watch" in state:
            self.norm_watch.load_state_dict(state["norm_watch"])

    def _accumulate(self, gram: Tensor) -> None:
        finite = gram.isfinite().all()  # stays on the device: no synchronisation inside the backward pass
        gram = torch.where(finite, gram, torch.zeros_like(gram))
        self._accumulated = gram if self._accumulated is None else self._accumulated + gram
        dropped = (~finite).long()
        self._dropped = dropped if self._dropped is None else self._dropped + dropped

    def _reduce(self, gram: Tensor) -> Tensor:
        """Sum over the ranks; float64 `[k, k]` on the CPU."""
        gram = gram.detach().float()
        self.connect()
        if self.group is not None and dist.get_world_size(self.group) > 1:
            if dist.get_backend(self.group) == "nccl":
                gram = gram.cuda()
            gram = gram.clone()
            dist.all_reduce(gram, group=self.group)
        return gram.cpu().double()

    def _digest(self, gram: Tensor, log: ConflictLog) -> Tensor:
        """Record, average and solve one reduced Gram matrix."""
        if not bool(gram.isfinite().all()):
            self.fallbacks += 1
            return self.weighting.start
        log.update(gram)
        smooth = gram
        if self.ema > 0.0:
            past = gram if self._average is None else self._average
            self._average = smooth = self.ema * past + (1.0 - self.ema) * gram
        self._solves += 1
        try:
            weights = self.weighting(smooth, seed=self._solves)
        except (ValueError, RuntimeError, ArithmeticError) as error:
            warnings.warn(f"{self.weighting.name} found no weights, using uniform ones: {error}", stacklevel=2)
            weights = None
        if weights is None or not bool(weights.isfinite().all()):
            self.fallbacks += 1
            return self.weighting.start
        weights = self.smoothing * self.weights + (1.0 - self.smoothing) * weights if self.smoothing else weights
        return self.norm_watch(weights, gram) if self.norm_watch else weights
