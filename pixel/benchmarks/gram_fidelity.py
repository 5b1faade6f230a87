"""How faithful each source of the balancer's Gram matrix is to full-parameter gradients, and what it costs."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from pixel.balancing import Balancer, Fork, ForkSweep, exact_gram, fidelity, lora_b_modules
from pixel.balancing.conflicts import cosines
from pixel.balancing.gram import factored_gram, summed_gram
from pixel.balancing.probe_replicated import repeat_batch, replicated_gram
from pixel.balancing.probe_sweep import sweep_gram
from pixel.benchmarks.clock import clock
from pixel.benchmarks.conversations import batches_of, labelled_examples
from pixel.benchmarks.stepping import PROBE_EVERY, Stepper, build_trainer, device_name, model_arguments
from pixel.metrics.table import markdown
from pixel.models.labels import OBJECTIVES
from pixel.training.loading import load_pixel

AT_THE_FORK = {"representation": factored_gram, "summed": summed_gram}
CLEAR = 0.1
"""A pair whose full-parameter cosine is at least this far from 0 is a clear one."""


class _Recorder(Balancer):
    """A plain sum that keeps the fork's Gram matrix of the last backward pass."""

    seen: Tensor | None = None

    def in_backward(self, gram: Tensor | None) -> Tensor:
        if gram is not None:
            self.seen = gram.detach().cpu()
        return super().in_backward(gram)


def trunk_below(network, layer: int) -> list[nn.Parameter]:
    """
    The backbone's own weights up to the readout layer, adapters and token embeddings left out.

    The embeddings are left out because a tied LM head sends the language gradient into them from above.
    """
    return [
        parameter
        for index in range(layer)
        for name, parameter in network.model.layers[index].named_parameters()
        if ".lora_" not in name
    ]


def gram_fidelity(
    model: str,
    batches: int = 12,
    batch_size: int = 2,
    length: int = 256,
    warm_up: int = 10,
    seed: int = 0,
    depths: Sequence[int] = (),
    own_passes: Sequence[str] = ("sweep", "replicated"),
) -> dict[str, Any]:
    """
    Compare the Gram sources with full-parameter gradients batch by batch, on a LoRA network a few steps into training.

    Float32 and no dropout, so that every source looks at the same function. Times are `clock`'s, and the sources take
    turns on each batch.

    Args:
        model: Hub id, folder, `embedded:smollm2` or `tiny:llama`.
        batches: how many are compared; each holds a label for every objective.
        batch_size: rows a batch (and of a probe).
        length: tokens a row at most.
        warm_up: training steps before, so that LoRA's B is no longer zero.
        seed: of batches and random weights.
        depths: how many layers below the fork a probe inside the step goes down through, a row each, beside all.
        own_passes: probes with passes of their own to compare: `sweep`, `replicated`.

    Returns:
        `sources`: name -> `sign_agreement`, `correlation`, `pairs`, `clear_agreement` (among pairs of an exact cosine
        of `CLEAR` or more), `seconds` (extra), `ratio` (a step with this source on every step over a plain one) and
        `amortised` (the same if a probe runs every 20 steps); `conflicts`: share of pairs in conflict by the exact
        gradients; `clear`: share of clear pairs; `step_seconds`, `exact_seconds`.
    """
    arguments = model_arguments(model, model_dtype="float32", head_dropout=0.0)
    tokenizer, _ = load_pixel(arguments)
    examples = labelled_examples(tokenizer, length, batch_size * (batches + warm_up), seed)
    rows = batches_of(examples, batch_size, batches + warm_up)
    trainer = build_trainer("upgrad_lora", arguments, examples, batch_size, length, seed)
    stepper = Stepper(trainer)
    for batch in tqdm(rows[:warm_up], desc="Training a little"):
        stepper.step(batch)

    network, whole = trainer.pixel, trainer.accelerator.unwrap_model(trainer.model)
    recorder = _Recorder(OBJECTIVES, monitor=True)
    network.fork = Fork(recorder)
    losses, modules, k = trainer.probe.losses, lora_b_modules(whole), len(OBJECTIVES)
    readout = network.config.readout_layer
    trunk = trunk_below(network, readout)

    def step(batch: dict, source: str | None = None) -> Tensor | None:
        recorder.monitor, recorder.seen = source is not None, None
        network.fork.gram = AT_THE_FORK.get(source, factored_gram)
        sum(losses(whole, batch).values()).backward()
        whole.zero_grad(set_to_none=True)
        return recorder.seen

    def in_step(batch: dict, probe: ForkSweep) -> Tensor | None:
        with probe.armed(network.fork):
            step(batch)
        return probe.take()

    def sweep(batch: dict) -> Tensor:
        return sweep_gram(losses(whole, batch), modules, recorder)

    def replicated(batch: dict) -> Tensor:
        def copies() -> list[Tensor]:
            return list(losses(whole, repeat_batch(batch, k), copies=k).values())

        return replicated_gram(whole, modules, copies, k, recorder)

    def exact(batch: dict) -> Tensor:
        trainable = [parameter.requires_grad for parameter in trunk]
        for parameter in trunk:
            parameter.requires_grad_(True)
        try:
            with recorder.paused():
                return exact_gram(losses(whole, batch), trunk)
        finally:
            for parameter, before in zip(trunk, trainable, strict=True):
                parameter.requires_grad_(before)

    runs: dict[str, Callable[[dict], Tensor | None]] = {"step": step, "exact": exact}
    runs |= {name: lambda batch, name=name: step(batch, name) for name in AT_THE_FORK}
    for depth in (*sorted(set(depths) - {readout}), readout):
        probe = ForkSweep(lora_b_modules(whole, layers=range(readout - depth, readout)))
        runs[f"fork_{depth}"] = lambda batch, probe=probe: in_step(batch, probe)
    runs |= {name: {"sweep": sweep, "replicated": replicated}[name] for name in own_passes}
    grams: dict[str, list[Tensor]] = {name: [] for name in runs}
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    bar = tqdm(total=batches * len(runs), desc="Comparing Gram matrices")
    for number, batch in enumerate(rows[warm_up:]):
        tensors = {key: value.to(stepper.device) for key, value in stepper.collate(batch).items()}
        names = list(runs)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            started = clock()
            gram = runs[name](tensors)
            seconds[name].append(clock() - started)
            grams[name].append(torch.zeros(k, k) if gram is None else gram.detach().cpu())
            bar.update()
    bar.close()
    about = {"device": device_name(), "model": model, "batches": batches, "rows": batch_size, "length": length}
    return fidelity_report(grams, seconds) | about


def fidelity_report(grams: dict[str, list[Tensor]], seconds: dict[str, list[float]]) -> dict[str, Any]:
    """
    What `gram_fidelity` returns, from the Gram matrices and seconds of each run on the same batches.

    A run called `sweep` or `replicated` is a cost on top of the step; every other one contains its step.
    """
    plain, sources = median(seconds["step"]), {}
    for name in grams.keys() - {"step", "exact"}:
        paired = zip(seconds[name], seconds["step"], strict=True)
        extra = median(a - (0.0 if name in ("sweep", "replicated") else b) for a, b in paired)
        every = 1 if name in AT_THE_FORK else PROBE_EVERY
        sources[name] = fidelity(grams[name], grams["exact"])._asdict() | {
            "clear_agreement": clear_agreement(grams[name], grams["exact"]),
            "seconds": extra,
            "ratio": 1 + extra / plain,
            "amortised": 1 + extra / plain / every,
        }
    exact = torch.cat([_pairs(gram) for gram in grams["exact"]])
    return {
        "sources": dict(sorted(sources.items(), key=lambda source: source[1]["seconds"])),
        "conflicts": (exact < 0).double().mean().item(),
        "clear": (exact.abs() >= CLEAR).double().mean().item(),
        "step_seconds": plain,
        "exact_seconds": median(seconds["exact"]),
    }


def clear_agreement(estimated: Sequence[Tensor], exact: Sequence[Tensor]) -> float:
    """Share of the pairs with an exact cosine of at least `CLEAR` either way whose sign is met; NaN without any."""
    mine, truth = torch.cat([_pairs(g) for g in estimated]), torch.cat([_pairs(g) for g in exact])
    clear = truth.abs() >= CLEAR
    return ((mine < 0) == (truth < 0))[clear].double().mean().item()


def _pairs(gram: Tensor) -> Tensor:
    rows, columns = torch.triu_indices(len(gram), len(gram), offset=1)
    return cosines(gram)[rows, columns]


def fidelity_markdown(result: dict[str, Any]) -> str:
    """The sources as a table, the cheapest first."""
    keys = ("sign_agreement", "clear_agreement", "correlation", "pairs", "seconds", "ratio", "amortised")
    rows = [[name, *(source[key] for key in keys)] for name, source in result["sources"].items()]
    rows.append(["full parameters", 1.0, 1.0, 1.0, None, result["exact_seconds"], None, None])
    header = [
        "Gram source", "sign agreement", f"where abs(cosine) >= {CLEAR}", "correlation", "pairs", "extra seconds",
        "step ratio, every step", f"every {PROBE_EVERY} steps",
    ]  # fmt: skip
    return markdown(header, rows)
