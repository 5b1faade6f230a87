"""How faithful each source of the balancer's Gram matrix is to full-parameter gradients, and what it costs."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from pixel.balancing import Balancer, Fork, exact_gram, fidelity, lora_b_modules, replicated_gram, sweep_gram
from pixel.balancing.probe_replicated import repeat_batch
from pixel.benchmarks.conversations import batches_of, labelled_examples
from pixel.benchmarks.stepping import PROBE_EVERY, Stepper, build_trainer, device_name, model_arguments
from pixel.benchmarks.table import markdown
from pixel.models.labels import OBJECTIVES
from pixel.training.loading import load_pixel

SOURCES = ("representation", "lora_sweep", "lora_replicated")


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
    model: str, batches: int = 12, batch_size: int = 2, length: int = 256, warm_up: int = 10, seed: int = 0
) -> dict[str, Any]:
    """
    Compare the Gram sources with full-parameter gradients batch by batch, on a LoRA network a few steps into training.

    Float32 and no dropout, so that every source looks at the same function.

    Args:
        model: Hub id, folder, `embedded:smollm2` or `tiny:llama`.
        batches: how many are compared; each holds a label for every objective.
        batch_size: rows a batch (and of a probe).
        length: tokens a row at most.
        warm_up: training steps before, so that LoRA's B is no longer zero.
        seed: of batches and random weights.

    Returns:
        `sources`: name -> `sign_agreement`, `correlation`, `pairs`, `seconds`, `ratio` (a step with this source on
        every step over a plain one) and `amortised` (the same if the probe runs every 20 steps); `conflicts`: share of
        pairs in conflict by the exact gradients; `step_seconds`, `exact_seconds`.
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
    trunk = trunk_below(network, network.config.readout_layer)

    def step(batch: dict, record: bool) -> Tensor | None:
        recorder.monitor = record
        sum(losses(whole, batch).values()).backward()
        whole.zero_grad(set_to_none=True)
        return recorder.seen

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

    runs: dict[str, Callable[[dict], Tensor | None]] = {
        "step": lambda batch: step(batch, False),
        "representation": lambda batch: step(batch, True),
        "lora_sweep": sweep,
        "lora_replicated": replicated,
        "exact": exact,
    }
    grams: dict[str, list[Tensor]] = {name: [] for name in runs}
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    bar = tqdm(total=batches * len(runs), desc="Comparing Gram matrices")
    for batch in rows[warm_up:]:
        tensors = {key: value.to(stepper.device) for key, value in stepper.collate(batch).items()}
        for name, run in runs.items():
            gram, taken = _timed(lambda run=run, tensors=tensors: run(tensors))
            grams[name].append(torch.zeros(k, k) if gram is None else gram.detach().cpu())
            seconds[name].append(taken)
            bar.update()
    bar.close()
    return _report(grams, seconds) | {"device": device_name(), "model": model, "batches": batches, "rows": batch_size}


def _timed(run: Callable[[], Tensor | None]) -> tuple[Tensor | None, float]:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    started = time.perf_counter()
    result = run()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return result, time.perf_counter() - started


def _report(grams: dict[str, list[Tensor]], seconds: dict[str, list[float]]) -> dict[str, Any]:
    plain = median(seconds["step"])
    sources = {}
    for name in SOURCES:
        agreement = fidelity(grams[name], grams["exact"])
        cost = median(seconds[name])
        extra = cost - plain if name == "representation" else cost  # the fork's is measured inside its step
        every = 1 if name == "representation" else PROBE_EVERY
        sources[name] = agreement._asdict() | {
            "seconds": extra,
            "ratio": 1 + extra / plain,
            "amortised": 1 + extra / plain / every,
        }
    upper = torch.triu_indices(len(OBJECTIVES), len(OBJECTIVES), offset=1)
    pairs = torch.stack([gram[upper[0], upper[1]] for gram in grams["exact"]])
    return {
        "sources": sources,
        "conflicts": (pairs < 0).double().mean().item(),
        "step_seconds": plain,
        "exact_seconds": median(seconds["exact"]),
    }


def fidelity_markdown(result: dict[str, Any]) -> str:
    """The sources as a table."""
    rows = [
        [name, s["sign_agreement"], s["correlation"], s["pairs"], s["seconds"], s["ratio"], s["amortised"]]
        for name, s in result["sources"].items()
    ]
    rows.append(["full parameters", 1.0, 1.0, None, result["exact_seconds"], None, None])
    header = ["Gram source", "sign agreement", "correlation", "pairs", "extra seconds", "step ratio", "every 20 steps"]
    return markdown(header, rows)
