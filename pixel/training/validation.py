"""What an evaluation during training measures beside losses: one combined loss, and the figures of each read-out."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from datasets import Dataset, concatenate_datasets

from pixel.data.examples import encode_dataset
from pixel.metrics import evaluate_field
from pixel.metrics.decode import field_probabilities
from pixel.models.labels import FIELDS
from pixel.training.arguments import SettingError
from pixel.training.callbacks.held_out import held_out_losses
from pixel.training.probe_set import ProbeSet, ReadConversation

IGNORE = -100


class HeldOut:
    r"""
    Adds to the metrics of an evaluation.

    `eval_relative_loss`: the mean over the objectives of the held-out loss beside that of the run's first evaluation,

    .. math:: R_t = \frac{1}{|O|} \sum_{o \in O} \frac{L_o(t)}{L_o(0)}

    1 at first, lower is better; no objective counts for the scale of its loss. An objective that starts at a loss of 0
    is left out. It is what `metric_for_best_model` is by default.

    `eval_metric/FIELD_METRIC`: what `pixel.metrics` measures of each read-out on held-out conversations, without
    offsets, if `measure` has been given some.

    Args:
        trainer: whose evaluations these are.
    """

    def __init__(self, trainer):
        self.trainer = trainer
        self.first: dict[str, dict[str, float]] = {}
        self.probe: ProbeSet | None = None
        self._step, self._sets = -1, {}

    def measure(self, examples: Dataset | None, rows: int, pad_token_id: int) -> None:
        """
        Read held-out examples at every evaluation.

        Args:
            examples: not packed; `None` where there are none.
            rows: at most so many, drawn with the run's seed.
            pad_token_id: of the tokenizer.

        Raises:
            SettingError: no held-out examples, or a network that cannot be read while it trains.
        """
        args = self.trainer.args
        if examples is None or not len(examples):
            raise SettingError("validation_metrics: there are no held-out conversations. Mend: validation: 0.1")
        if args.eval_strategy == "no":
            raise SettingError("validation_metrics needs evaluations. Mend: eval_strategy: steps, and eval_steps: 50")
        if self.trainer.is_deepspeed_enabled or self.trainer.is_fsdp_enabled:
            raise SettingError(
                "validation_metrics reads the network, whose weights are sharded. Mend: leave it out; losses remain"
            )
        chosen = examples.shuffle(seed=args.seed).select(range(min(rows, len(examples))))
        self.probe = ProbeSet(chosen, self.trainer.read_batch, pad_token_id)

    def add(self, logs: dict[str, float], step: int) -> None:
        """
        Complete the metrics of an evaluation, in place, the same on every rank.

        Args:
            logs: with the held-out loss of each component (reduced over ranks).
            step: of the optimizer.
        """
        runtime = next((key for key in logs if key.endswith("_runtime")), "eval_runtime")
        prefix = runtime.removesuffix("runtime")
        losses = held_out_losses(logs, self.trainer.args.field_weights)
        logs[f"{prefix}relative_loss"] = self._relative(prefix, losses)
        if step != self._step:
            self._step, self._sets = step, {}
        self._sets[prefix] = logs[f"{prefix}relative_loss"]
        logs["eval_relative_loss"] = float(np.mean(list(self._sets.values())))  # over several evaluation sets
        if self.probe is not None:
            logs |= {f"{prefix}metric/{name}": value for name, value in self._figures(step).items()}
        best = self.trainer.args.metric_for_best_model or ""
        if best.removeprefix("eval_").startswith("metric/"):  # transformers would stop at a figure that is undefined
            logs.setdefault(f"eval_{best.removeprefix('eval_')}", math.nan)

    def _relative(self, prefix: str, losses: Mapping[str, float]) -> float:
        first = self.first.setdefault(prefix, {})
        for name, loss in losses.items():
            if math.isfinite(loss):
                first.setdefault(name, loss)
        shares = [loss / first[name] for name, loss in losses.items() if first.get(name)]
        return float(np.mean(shares)) if shares else math.nan

    def _figures(self, step: int) -> dict[str, float]:
        accelerator = self.trainer.accelerator
        found = [figures(self.probe.at(step)) if accelerator.is_main_process else {}]
        if accelerator.num_processes > 1:
            from accelerate.utils import broadcast_object_list

            broadcast_object_list(found)
        return found[0]

    # ── checkpoints ──

    def state_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"first": self.first}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from `state_dict`."""
        self.first = {prefix: dict(losses) for prefix, losses in state.get("first", {}).items()}


def measure_held_out(trainer, given, tokenizer) -> None:
    """
    Have a trainer's evaluations measure the read-outs, if `validation_metrics` says so.

    Args:
        trainer: after `set_up_objectives`.
        given: its evaluation set (or a dictionary of them): conversations, or examples that are not packed.
        tokenizer: of the trainer.

    Raises:
        SettingError: nothing that can be read; see also `HeldOut.measure`.
    """
    if not trainer.args.validation_metrics:
        return
    parts = [part for part in (given.values() if isinstance(given, dict) else [given]) if part is not None]
    if not all(_one_by_one(part) for part in parts):
        raise SettingError("validation_metrics reads conversations one by one. Mend: hand in examples before packing")
    encoded = [
        part if "input_ids" in part.column_names else encode_dataset(part, tokenizer, trainer.args.max_length)
        for part in parts
    ]
    examples = concatenate_datasets(encoded) if encoded else None
    trainer.held_out.measure(examples, trainer.args.validation_metrics, tokenizer.pad_token_id)


def _one_by_one(data) -> bool:
    columns = getattr(data, "column_names", None)  # a table of turn states has none
    return columns is not None and ("turn_index" in columns or "input_ids" not in columns)


def figures(conversations: list[ReadConversation]) -> dict[str, float]:
    """
    Every metric of every read-out over what was read, all corpora together: `FIELD_METRIC` -> value.

    Undefined ones (too few labels) are left out.
    """
    found: dict[str, float] = {}
    for name, field in FIELDS.items():
        logits, targets = [], []
        for conversation in conversations:
            if name in conversation.logits and name in conversation.labels:
                target = conversation.labels[name]
                known = ~np.isnan(target).all(-1) if field.is_vector else target != IGNORE
                logits.append(conversation.logits[name][known])
                targets.append(target[known])
        if not sum(map(len, targets)):
            continue
        probabilities = field_probabilities(name, np.concatenate(logits))
        for result in evaluate_field(name, "held_out", probabilities, np.concatenate(targets), resamples=0):
            if result.value is not None:
                found[f"{name}_{result.metric}"] = float(result.value)
    return found
