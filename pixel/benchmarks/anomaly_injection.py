"""Does a run notice what goes wrong in it: faults put into a small training run, and clean runs for false alarms."""

import argparse
import contextlib
import io
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import TrainerCallback

from pixel.data.examples import encode_dataset
from pixel.data.seed import load_seed
from pixel.metrics.table import markdown
from pixel.models.heads import OBJECTIVE_OF_HEAD
from pixel.models.labels import FIELDS
from pixel.monitoring.alerts import Alerts
from pixel.training import ModelArguments, PixelTrainer, PixelTrainingArguments, load_pixel
from pixel.training.callbacks.anomaly_watch import AnomalyWatch

STEPS = 180
"""Optimizer steps of a run, each of them logged."""
FAULT_AT = 120
"""The optimizer step, counted from 1, in which a fault begins."""
NETWORK = {
    "head_hidden_size": 128, "head_dropout": 0.0, "readout_pooling": "mean+last", "model_dtype": "float32",
}  # fmt: skip
"""Heads that can learn a few conversations by heart: noise in labels that nothing was learned from harms nothing."""
NOISY, DEAD, BROKEN = "persona", "empathy", "persona"
"""The objective whose labels are shuffled, the one whose loss is multiplied by 0, and the head that says NaN."""


# ── the faults ──


def nan_loss(trainer: PixelTrainer, at: int, head: str = BROKEN) -> None:
    """From step `at` on the logits of one head are NaN, and with them its loss and every gradient."""

    def spoil(module, inputs, outputs):
        if module.training and trainer.state.global_step + 1 >= at:
            return {name: logits * torch.nan for name, logits in outputs.items()}
        return outputs

    trainer.pixel.heads[head].register_forward_hook(spoil)


def dead_objective(trainer: PixelTrainer, at: int, objective: str = DEAD) -> None:
    """From step `at` on no gradient comes from an objective: its loss times 0, still logged as it would be."""

    def cut(module, inputs, outputs):
        if module.training and trainer.state.global_step + 1 >= at:
            return {name: logits.detach() + 0.0 * logits for name, logits in outputs.items()}
        return outputs

    for name, head in trainer.pixel.heads.items():
        if OBJECTIVE_OF_HEAD[name] == objective:
            head.register_forward_hook(cut)


def label_noise(trainer: PixelTrainer, at: int, objective: str = NOISY, seed: int = 0) -> None:
    """From batch `at` on the labels of an objective are dealt out anew among the batch's labelled turns."""
    collate, generator, seen = trainer.data_collator, torch.Generator().manual_seed(seed), 0

    def shuffled(rows):
        nonlocal seen
        seen += 1
        batch = collate(rows)
        for name, field in FIELDS.items():
            if seen >= at and field.objective == objective and name in batch:
                batch[name] = _dealt_out(batch[name], generator)
        return batch

    trainer.data_collator = shuffled


def _dealt_out(labels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    known = labels != -100 if labels.dim() == 2 else labels.isfinite().any(-1)  # [batch, turns]
    order = torch.randperm(int(known.sum()), generator=generator)
    labels = labels.clone()
    labels[known] = labels[known][order]
    return labels


class _Spike(TrainerCallback):
    """Multiplies what the schedule says, for a few steps."""

    def __init__(self, at: int, factor: float, steps: int):
        self.at, self.factor, self.steps = at, factor, steps

    def on_train_begin(self, args, state, control, lr_scheduler=None, **kwargs):
        plain = lr_scheduler.lr_lambdas

        def spiked(step: int, schedule: Callable[[int], float]) -> float:
            return schedule(step) * (self.factor if self.at <= step + 1 < self.at + self.steps else 1.0)

        lr_scheduler.lr_lambdas = [partial(spiked, schedule=schedule) for schedule in plain]


def learning_rate_spike(trainer: PixelTrainer, at: int, factor: float = 100.0, steps: int = 3) -> None:
    """The schedule's learning rate times `factor` in steps `at` to `at + steps - 1`."""
    trainer.add_callback(_Spike(at, factor, steps))


FAULTS: dict[str, tuple[Callable[..., None], str, str]] = {
    "NaN loss": (nan_loss, "not_finite", f"loss_{BROKEN}_mode"),
    "label noise": (label_noise, "label_noise", NOISY),
    "learning-rate spike": (learning_rate_spike, "learning_rate_jump", "learning_rate"),
    "dead objective": (dead_objective, "objective_collapse", DEAD),
}
"""Fault -> what does it, the kind of alert that is right, and what its message must name besides."""


# ── runs ──


def small_data(rows: int = 32, length: int = 128, seed: int = 0) -> Dataset:
    """Windows of the seed corpus, few enough to be learned by heart, with labels of every objective."""
    tokenizer, _ = load_pixel(ModelArguments(model_name_or_path="tiny:llama"))
    examples = encode_dataset(load_seed(0.0)["train"], tokenizer, length, name="seed")
    return examples.shuffle(seed=seed).select(range(min(rows, len(examples))))


def run(
    data: Dataset, seed: int, fault: str | None = None, *, steps: int = STEPS, at: int = FAULT_AT, **options
) -> dict[str, Any]:
    """
    Train the random tiny network once, logging each step.

    Args:
        data: examples.
        seed: of weights and order.
        fault: a key of `FAULTS`, or `None` for a clean run.
        steps: optimizer steps.
        at: where the fault begins.
        options: of `PixelTrainingArguments`.

    Returns:
        `alerts` (as dictionaries) and `history` (what was logged).
    """
    torch.manual_seed(seed)
    tokenizer, network = load_pixel(ModelArguments(model_name_or_path="tiny:llama", **NETWORK))
    alerts = Alerts()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        given = {
            "output_dir": str(Path(folder)), "max_steps": steps, "per_device_train_batch_size": 8, "seed": seed,
            "learning_rate": 1e-2, "lr_scheduler_type": "cosine", "warmup_steps": 10, "packing": False,
            "gradient_checkpointing": False, "logging_steps": 1, "save_strategy": "no", "report_to": "none",
            "disable_tqdm": True, "logging_nan_inf_filter": False, "use_cpu": True, "bf16": False,
            "dataloader_pin_memory": False, "weighting": "sum", "monitor_conflicts": True,
            "non_finite": "ignore",  # the watch is to see it, and not the guard before it
        }  # fmt: skip
        trainer = PixelTrainer(
            network, PixelTrainingArguments(**(given | options)), data, processing_class=tokenizer,
            callbacks=[AnomalyWatch(alerts)],
        )  # fmt: skip
        if fault is not None:
            FAULTS[fault][0](trainer, at)
        trainer.train()
    history = [entry for entry in trainer.state.log_history if "loss" in entry]
    return {"alerts": [alert.as_dict() for alert in alerts.sent], "history": history}


def caught(alerts: Sequence[dict[str, Any]], fault: str, at: int = FAULT_AT) -> dict[str, Any] | None:
    """The first alert from step `at` on that is of the right kind and names what was struck."""
    _, kind, named = FAULTS[fault]
    for alert in alerts:
        if alert["step"] >= at and alert["kind"] == kind and named in alert["message"]:
            return alert
    return None


def measure(clean: Sequence[int], faulty: Sequence[int], *, steps: int = STEPS, at: int = FAULT_AT) -> dict[str, Any]:
    """
    Every fault on the seeds `faulty`, and clean runs on the seeds `clean`.

    Returns:
        `clean`: runs, logs, `alerts` with their seeds; `faults`: fault -> for each seed its steps of delay (`None`
        where it was not caught), the alert, false alarms before the fault, and the kinds of later alerts.
    """
    data = small_data()
    result: dict[str, Any] = {"steps": steps, "at": at, "clean": {"runs": 0, "logs": 0, "alerts": []}, "faults": {}}
    for seed in clean:
        done = run(data, seed, steps=steps)
        result["clean"]["runs"] += 1
        result["clean"]["logs"] += len(done["history"])
        result["clean"]["alerts"] += [{"seed": seed} | alert for alert in done["alerts"]]
        print(f"clean, seed {seed}: {len(done['alerts'])} alerts in {len(done['history'])} logs", flush=True)
    for fault in FAULTS:
        runs = result["faults"][fault] = []
        for seed in faulty:
            alerts = run(data, seed, fault, steps=steps, at=at)["alerts"]
            first = caught(alerts, fault, at)
            runs.append(
                {
                    "seed": seed,
                    "delay": first["step"] - at if first else None,
                    "alert": first,
                    "before": [alert for alert in alerts if alert["step"] < at],
                    "also": sorted({alert["kind"] for alert in alerts if alert["step"] >= at} - {FAULTS[fault][1]}),
                }
            )
            print(f"{fault}, seed {seed}: {runs[-1]['delay']} steps of delay", flush=True)
    return result


def anomalies(options: argparse.Namespace) -> dict[str, Any]:
    """
    The subcommand of `recipes/study.py`.

    Args:
        options: `clean` and `faulty` (numbers of seeds), `seed` (the first of them).
    """
    from transformers.utils import logging

    logging.set_verbosity_error()
    clean, faulty = (range(options.seed, options.seed + count) for count in (options.clean, options.faulty))
    result = measure(clean, faulty)
    print(f"\n{anomalies_markdown(result)}")
    return result


def anomalies_markdown(result: dict[str, Any]) -> str:
    """The result as two tables."""
    rows = []
    for fault, runs in result["faults"].items():
        delays = ", ".join("missed" if run["delay"] is None else str(run["delay"]) for run in runs)
        also = sorted({kind for run in runs for kind in run["also"]})
        _, kind, named = FAULTS[fault]
        hits = sum(run["delay"] is not None for run in runs)
        rows.append([fault, kind, named, f"{hits} of {len(runs)}", delays, ", ".join(also) or None])
    header = ["fault", "alert", "names", "caught", "steps of delay", "alerts that follow"]
    clean = result["clean"]
    kinds = sorted({alert["kind"] for alert in clean["alerts"]})
    before = sum(len(run["before"]) for runs in result["faults"].values() for run in runs)
    spoilt = sum(len(runs) for runs in result["faults"].values())
    quiet = [
        ["clean", clean["runs"], clean["logs"], len(clean["alerts"]), ", ".join(kinds) or None],
        ["before the fault", spoilt, spoilt * (result["at"] - 1), before, None],
    ]
    return markdown(header, rows) + "\n" + markdown(["runs", "number", "logs", "false alarms", "kinds"], quiet)
