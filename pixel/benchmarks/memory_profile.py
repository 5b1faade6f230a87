"""Where the memory of a training step goes, component by component and phase by phase, and what would need less."""

from typing import Any

import torch
from tqdm.auto import tqdm

from pixel.benchmarks.conversations import batches_of, labelled_examples
from pixel.benchmarks.stepping import Stepper, build_trainer, device_name, model_arguments
from pixel.monitoring.memory.components import gradients, optimizer_states, saved_activations, weights
from pixel.monitoring.memory.leak import theil_sen
from pixel.monitoring.memory.live import live_tensors
from pixel.monitoring.memory.peaks import PhasePeaks, resident, settle
from pixel.monitoring.memory.suggestions import suggest
from pixel.training.loading import load_pixel


def memory_profile(
    model: str,
    rank: int = 16,
    batch_size: int = 2,
    length: int = 256,
    leak_steps: int = 0,
    seed: int = 0,
    snapshot: str | None = None,
) -> dict[str, Any]:
    """
    Profile the second step of the real trainer (in the first the optimizer makes its states).

    Args:
        model: Hub id, folder, `embedded:smollm2` or `tiny:llama`.
        rank: of LoRA; 0 trains everything.
        batch_size, length: rows a batch, tokens a row at most.
        leak_steps: steps that follow, after whose each the memory in use is measured; 8 or more give its slope.
        seed: of batches and random weights.
        snapshot: file for CUDA's own record of allocations (for pytorch.org/memory_viz); CUDA only.

    Returns:
        `components`: component -> MiB of `weights`, `gradients`, `optimizer` and `activations`; `logits_mib` at the
        loss; `phases_mib`: peak of forward, backward and optimizer; `resident_mib` before; `unexplained_mib`: what the
        peak has beyond the components (work space, the allocator's slack, the Python process is not in it);
        `slope_mib_per_step` of the memory in use and of the tensors that are alive, each with its 99 percent interval
        (a CPU's heap takes tens of steps to settle: tensors tell first); `suggestions`.
    """
    cuda = torch.cuda.is_available()
    arguments = model_arguments(model, rank)
    tokenizer, network = load_pixel(arguments)
    config = network.config.text_config
    del network
    examples = labelled_examples(tokenizer, length, batch_size * (2 + leak_steps), seed)
    batches = batches_of(examples, batch_size, 2 + leak_steps)
    settle()
    empty = resident()
    stepper = Stepper(build_trainer("upgrad", arguments, examples, batch_size, length, seed))
    stepper.step(batches[0])
    settle()
    before = resident()
    if snapshot and cuda:
        torch.cuda.memory._record_memory_history()
    found, peaks = _one_step(stepper, batches[1])
    if snapshot and cuda:
        torch.cuda.memory._dump_snapshot(snapshot)
        torch.cuda.memory._record_memory_history(enabled=None)
    inner = stepper.trainer.accelerator.unwrap_model(stepper.model)
    slots = stepper.collate(batches[1])["input_ids"].numel()
    width = next(inner.parameters()).element_size()
    logits = 2 * slots * config.vocab_size * 4 + (slots * config.vocab_size * width if width < 4 else 0)
    bytes_of = {"weights": weights(inner), "optimizer": optimizer_states(stepper.optimizer, inner), **found}
    stands = sum(sum(part.values()) for part in bytes_of.values())
    slopes = _slopes(stepper, batches[2:])
    advice = suggest(
        **bytes_of,
        layers=config.num_hidden_layers,
        boundary=slots * config.hidden_size * width,
        logits=logits,
        batch_size=batch_size,
        adapters=rank > 0,
        accelerator=cuda,
    )
    names = sorted({name for part in bytes_of.values() for name in part}, key=lambda n: -bytes_of["weights"].get(n, 0))
    return {
        "components": {
            name: {what: _mib(part.get(name, 0)) for what, part in bytes_of.items()} for name in names
        },
        "totals_mib": {what: _mib(sum(part.values())) for what, part in bytes_of.items()},
        "logits_mib": _mib(logits),
        "phases_mib": {name: _mib(value - (0 if cuda else empty)) for name, value in peaks.bytes.items()},
        "resident_mib": _mib(before),
        "unexplained_mib": _mib(max(peaks.bytes.values()) - (0 if cuda else empty) - stands),
        "slope_mib_per_step": slopes,
        "suggestions": [{"setting": s.setting, "saves_mib": _mib(s.saves), "costs": s.costs} for s in advice],
        "device": device_name(),
        "model": model,
        "tokens": slots,
    }  # fmt: skip


def _one_step(stepper: Stepper, rows) -> tuple[dict[str, dict[str, int]], PhasePeaks]:
    """Gradients and saved activations by component, and the peaks of the phases of one step."""
    trainer, peaks, batch = stepper.trainer, PhasePeaks(), stepper.collate(rows)
    inner = trainer.accelerator.unwrap_model(stepper.model)
    (batch,), items = trainer.get_batch_samples(iter([batch]), 1, stepper.device)
    stepper.model.train()
    inputs = trainer._prepare_inputs(batch)
    with peaks.phase("forward"), saved_activations(inner) as kept, trainer.compute_loss_context_manager():
        loss = trainer.compute_loss(stepper.model, inputs, num_items_in_batch=items)
    with peaks.phase("backward"):
        trainer.accelerator.backward(loss)
    found = {"gradients": gradients(inner), "activations": dict(kept)}
    with peaks.phase("optimizer"):
        stepper.optimizer.step()
    stepper.optimizer.zero_grad()
    trainer.balancer.step()
    return found, peaks


def _slopes(stepper: Stepper, batches: list) -> dict[str, list[float]]:
    used: dict[str, list[float]] = {"in_use": [], "tensors": []}
    for batch in tqdm(batches, desc="Steps watched for a leak", disable=not batches):
        stepper.step(batch)
        settle()
        used["in_use"].append(resident())
        used["tensors"].append(live_tensors()[0])
    slopes = {name: theil_sen(list(range(len(values))), values) for name, values in used.items()}
    return {
        name: [round(x / 2**20, 4) for x in (slope.value, slope.low, slope.high)]
        for name, slope in slopes.items()
        if slope is not None
    }


def _mib(size: float) -> float:
    return round(size / 2**20, 2)
