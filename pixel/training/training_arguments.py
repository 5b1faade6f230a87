"""`PixelTrainingArguments`: TRL's `SFTConfig` with Pixel's objectives, resolved for the machine it runs on."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK
from trl import SFTConfig

from pixel.balancing import SCHEDULES, WEIGHTINGS
from pixel.models.labels import FIELDS, OBJECTIVES
from pixel.objectives.combined import TERMS
from pixel.tracking.settings import OWN, TrackingError, TrackingSettings, take_over
from pixel.training.arguments import ObjectiveArguments, SettingError
from pixel.training.batch_size import settle_step
from pixel.training.hardware import Hardware
from pixel.training.run_arguments import RunArguments
from pixel.training.step_guard import MODES

NEVER = 10**12
"""Steps between evaluations that are asked for by tokens alone."""


@dataclass
class PixelTrainingArguments(ObjectiveArguments, RunArguments, SFTConfig):
    """
    All of `trl.SFTConfig` and `pixel.training.arguments.ObjectiveArguments` and
    `pixel.training.run_arguments.RunArguments`.

    With `hardware="auto"`, a machine without an accelerator gets: no autocast (the model's own dtype decides), no
    activation checkpointing, no pinned memory, denormals flushed to zero.

    Raises:
        SettingError: no weighting, Gram source, timing, objective or field of that name.
    """

    _VALID_DICT_FIELDS = [
        *SFTConfig._VALID_DICT_FIELDS, "objective_weights", "field_weights", "loss_schedule_options",
        "loss_weight_bounds", "objective_priorities", "objective_crisis", "curriculum", "watch",
        "alerts", "tracking",
    ]  # fmt: skip

    output_dir: str | None = field(default="outputs/pixel", metadata={"help": "Where everything is written."})
    max_length: int | None = field(default=1024, metadata={"help": "Tokens in a row."})
    packing: bool = field(default=True, metadata={"help": "Several conversations in a row, turn labels kept."})

    def __post_init__(self):
        if self.hardware == "auto":
            Hardware.detect().apply(self)
        if self.activation_checkpointing is None:  # the new names; TRL's default stands under the old one, and warns
            self.activation_checkpointing = self.gradient_checkpointing
        if self.activation_checkpointing_kwargs is None:
            self.activation_checkpointing_kwargs = self.gradient_checkpointing_kwargs
        if self.watch:
            self.logging_nan_inf_filter = False  # or a NaN is logged as the mean of the losses before it
        settle_step(self)
        if self.eval_tokens and self.eval_strategy == "no":
            self.eval_strategy, self.eval_steps = "steps", NEVER
        if self.metric_for_best_model is None and self.eval_strategy != "no":
            self.metric_for_best_model = "relative_loss"  # no objective decides by the scale of its loss
        self.tracking, self.report_to = take_over(self.report_to, self.tracking), "none"
        _before_deepspeed(self.deepspeed)
        super().__post_init__()
        self._check_tracking()
        one_of("weighting", [self.weighting], WEIGHTINGS)
        one_of("loss_schedule", [self.loss_schedule], SCHEDULES)
        for option in ("loss_weight_bounds", "objective_priorities"):
            one_of(option, getattr(self, option), OBJECTIVES)
        one_of("non_finite", [self.non_finite], MODES)
        one_of("gram_source", [self.gram_source], ("representation", "summed", "lora"))
        one_of("gram_timing", [self.gram_timing], ("auto", "immediate", "previous_step"))
        one_of("probe_method", [self.probe_method], ("auto", "fork", "sweep", "replicated"))
        one_of("document_attention", [self.document_attention], ("auto", "always", "never"))
        one_of("objective_weights", self.objective_weights, OBJECTIVES)
        one_of("field_weights", self.field_weights, (*FIELDS, *TERMS))
        if self.gram_timing == "auto":
            self.gram_timing = "immediate" if self.gradient_accumulation_steps == 1 else "previous_step"

    def _check_tracking(self):
        try:
            trackers = TrackingSettings.of(self.tracking).trackers
        except TrackingError as error:
            raise SettingError(str(error)) from error
        one_of("report_to", trackers, (*OWN, *INTEGRATION_TO_CALLBACK))


def _before_deepspeed(config) -> None:
    """Import TorchJD before DeepSpeed's zero.Init, after which generic modules cannot be defined; else it can wait."""
    if config or os.environ.get("ACCELERATE_USE_DEEPSPEED") == "true":
        import torchjd.aggregation  # noqa: F401


def one_of(option: str, given: Iterable[str], known: Iterable[str]) -> None:
    """
    Raises:
        SettingError: a given name is not known.
    """
    known = list(known)
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            mend = f"did you mean {near[0]}?" if near else f"use one of: {', '.join(known)}"
            raise SettingError(f"{option}: there is no {name!r}. Mend: {mend}")
