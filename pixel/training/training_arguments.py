"""`PixelTrainingArguments`: TRL's `SFTConfig` with Pixel's objectives, resolved for the machine it runs on."""

from dataclasses import dataclass, field

from trl import SFTConfig

from pixel.training.arguments import ObjectiveArguments
from pixel.training.hardware import Hardware


@dataclass
class PixelTrainingArguments(ObjectiveArguments, SFTConfig):
    """
    All of `trl.SFTConfig` and `pixel.training.arguments.ObjectiveArguments`.

    With `hardware="auto"`, a machine without an accelerator gets: no autocast (the model's own dtype decides), no
    activation checkpointing, no pinned memory, denormals flushed to zero.
    """

    _VALID_DICT_FIELDS = [*SFTConfig._VALID_DICT_FIELDS, "objective_weights", "field_weights"]

    output_dir: str | None = field(default="outputs/pixel", metadata={"help": "Where everything is written."})
    max_length: int | None = field(default=1024, metadata={"help": "Tokens in a row."})
    packing: bool = field(default=True, metadata={"help": "Several conversations in a row, turn labels kept."})

    def __post_init__(self):
        if self.hardware == "auto":
            Hardware.detect().apply(self)
        super().__post_init__()
        if self.gram_timing == "auto":
            self.gram_timing = "immediate" if self.gradient_accumulation_steps == 1 else "previous_step"
