"""What a training run can be told, beyond TRL's own options. Torch-free, so that `--help` answers at once."""

from dataclasses import dataclass, field
from typing import Any


class SettingError(ValueError):
    """A setting that does not exist, or settings that do not go together; says in one line how to mend it."""


@dataclass
class DataArguments:
    """Which conversations to train on."""

    corpora: list[str] = field(
        default_factory=lambda: ["seed"],
        metadata={"help": "Corpora to mix: 'seed' (ships with Pixel) or names of builders in datasets_scripts."},
    )
    data_root: str | None = field(
        default=None, metadata={"help": "Folder with the raw corpora, one folder each (default: $PIXEL_DATA_ROOT)."}
    )
    dataset: list[str] = field(
        default_factory=list,
        metadata={"help": "More datasets in Pixel's schema: JSON-lines or parquet files, saved folders, or Hub ids."},
    )
    validation: float = field(default=0.1, metadata={"help": "Share of groups held out where a corpus has no split."})
    temperature: float = field(default=1.0, metadata={"help": "Mixing: rows ~ size ** (1 / temperature)."})
    quotas: dict[str, float] = field(
        default_factory=dict,
        metadata={"help": "Least share of rows with a label for an objective, e.g. {empathy: .1}."},
    )
    rows: int | None = field(default=None, metadata={"help": "Rows of the mixture (default: all there are)."})
    limit: dict[str, int] = field(
        default_factory=dict, metadata={"help": "Most training rows to take from a corpus, e.g. {goemotions: 10000}."}
    )
    repeat: dict[str, int] = field(
        default_factory=dict, metadata={"help": "Times each training row of a corpus is seen an epoch (default 1)."}
    )
    ignore_labels: dict[str, list[str]] = field(
        default_factory=dict,
        metadata={"help": "Label fields of a corpus not to learn or measure, e.g. {seed: [vad, risk]}."},
    )
    exclude_licences: list[str] = field(
        default_factory=list, metadata={"help": "Drop rows whose licence contains one of these words, e.g. NC."}
    )
    cache_dir: str | None = field(default=None, metadata={"help": "Where built corpora are kept."})
    knowledge: dict[str, Any] = field(
        default_factory=dict,
        metadata={
            "help": "Passages put before chosen training conversations: {files: [passages.jsonl], share: 0.3, k: 3}; "
            "rows of {id, text}. Or {passages: base}: the knowledge base, searched by words and meaning. None by "
            "default."
        },
    )


@dataclass
class ModelArguments:
    """Which network, and how its turns are read."""

    model_name_or_path: str = field(
        default="embedded:smollm2",
        metadata={
            "help": "Hub id or folder; 'embedded:smollm2' (from pip), or 'tiny:llama|qwen3|qwen3_moe' (random)."
        },
    )
    model_dtype: str = field(default="auto", metadata={"help": "auto (from the hardware), float32, bfloat16."})
    readout_layer: int | None = field(default=None, metadata={"help": "Layer the heads read (default: 3/4 depth)."})
    readout_pooling: str = field(
        default="mean", metadata={"help": "Pooling of a turn's tokens: mean, last, attention, or a+b."}
    )
    readout_taps: list[int] = field(
        default_factory=list, metadata={"help": "Lower layers that the heads read as well, without gradient."}
    )
    fields: list[str] = field(
        default_factory=list, metadata={"help": "Label fields to build heads for (none named: all)."}
    )
    head_hidden_size: int = field(default=256, metadata={"help": "Hidden width of each head; 0 for linear heads."})
    head_dropout: float = field(default=0.1, metadata={"help": "Dropout inside the heads."})
    shared_size: int = field(
        default=0, metadata={"help": "Bottleneck of a layer that all heads read through; 0 for none."}
    )
    emotion_attention: bool = field(default=False, metadata={"help": "Emotion head attends over earlier turns."})
    persona_prefix_length: int = field(default=0, metadata={"help": "Soft-prompt vectors per persona mode."})
    experts_implementation: str = field(
        default="auto",
        metadata={"help": "How experts are multiplied: auto (grouped_mm where it can), batched_mm, eager."},
    )
    lora_r: int = field(default=0, metadata={"help": "LoRA rank; 0 trains the whole trunk."})
    lora_alpha: int | None = field(default=None, metadata={"help": "LoRA scale (default: twice the rank)."})
    lora_dropout: float = field(default=0.0, metadata={"help": "LoRA dropout."})
    lora_layers: list[int] = field(
        default_factory=list,
        metadata={"help": "First and last layer that get adapters, counted from 1, e.g. [15, 22] (none named: all)."},
    )
    lora_targets: list[str] = field(
        default_factory=lambda: ["q_proj", "k_proj", "v_proj", "o_proj"],
        metadata={"help": "Modules that get an adapter."},
    )


@dataclass
class ObjectiveArguments:
    """How the objectives share one trunk."""

    objective_weights: dict[str, float] = field(
        default_factory=dict, metadata={"help": "Loss weight of an objective (default 1), e.g. {language: 0.5}."}
    )
    field_weights: dict[str, float] = field(
        default_factory=dict,
        metadata={"help": "Loss weight of a label field or consistency term inside its objective."},
    )
    loss_schedule: str = field(
        default="fixed",
        metadata={
            "help": "How loss weights move: fixed, dwa, cosine, exponential, curriculum, gradnorm, pareto, "
            "uncertainty, famo."
        },
    )
    loss_schedule_options: dict[str, Any] = field(
        default_factory=dict, metadata={"help": "Options of the schedule, e.g. {temperature: 2.0} for dwa."}
    )
    loss_weight_momentum: float = field(
        default=0.0, metadata={"help": "Share of the past in the loss weights, in [0, 1)."}
    )
    loss_weight_bounds: dict[str, list[float]] = field(
        default_factory=dict,
        metadata={"help": "Least and greatest weight of an objective, e.g. {language: [0.5, 2]}."},
    )
    loss_phases: list[dict[str, Any]] = field(
        default_factory=list,
        metadata={"help": "Phases: [{name: talk, until: 0.3, weights: {language: 2}, transition: 0.05}, ...]."},
    )
    objective_priorities: dict[str, list[list[float]]] = field(
        default_factory=dict,
        metadata={"help": "Priority over the run: {clinical: [[0, 1], [1, 2]]}, pairs of share of run and factor."},
    )
    objective_crisis: dict[str, float] = field(
        default_factory=dict,
        metadata={"help": "Raise the floor of an objective that gets worse on held-out data, e.g. {threshold: 0.1}."},
    )
    gradient_norm_cap: float | None = field(
        default=None,
        metadata={"help": "Most an objective's weighted gradient norm may be of the others' median, e.g. 5; no cap."},
    )
    weighting_smoothing: float = field(
        default=0.0, metadata={"help": "Share of the last step's weights at the fork in the new ones, in [0, 1)."}
    )
    weighting: str = field(
        default="sum", metadata={"help": "How gradients are combined at the fork: sum, upgrad, mgda, pcgrad, ..."}
    )
    gram_source: str = field(
        default="representation",
        metadata={"help": "Where conflicts are measured: representation, summed (over tokens), or lora (a probe)."},
    )
    gram_timing: str = field(
        default="auto",
        metadata={"help": "immediate, previous_step (the same under any accumulation), or auto (by accumulation)."},
    )
    gram_ema: float = field(default=0.0, metadata={"help": "Weight of the past in the Gram matrix, in [0, 1)."})
    probe_every: int = field(default=26, metadata={"help": "Steps between probes where gram_source is lora."})
    probe_method: str = field(
        default="auto",
        metadata={
            "help": "How a probe measures: fork (inside the step's own backward pass), sweep (a forward pass of its "
            "own), replicated (one backward pass, for ZeRO-3 and FSDP), or auto."
        },
    )
    probe_layers: int = field(
        default=0, metadata={"help": "Layers below the readout layer that a probe looks at; 0 for all of them."}
    )
    probe_rows: int = field(default=2, metadata={"help": "Samples a probe looks at."})
    monitor_conflicts: bool = field(
        default=True, metadata={"help": "Measure gradient norms and cosines while training."}
    )
    curriculum: dict[str, Any] = field(
        default_factory=dict,
        metadata={
            "help": "Easy rows first, e.g. {pacing: sqrt, start: 0.1, length: 0.5, adaptive: true, levels: 5}; none "
            "by default. Rows are not packed then."
        },
    )
    watch: dict[str, Any] = field(
        default_factory=dict,
        metadata={
            "help": "What watches the run, with options: {anomalies: {}, live: {}, early_stopping: {patience: 5}, "
            "adjust: {}, clinical: {every: 50}, crisis: {}, eq_milestones: {}, empathy: {}, emotions: {}, "
            "persona: {}, experts: {}}. Always on: resources: {interval: 5.0}, memory: {}; false turns one off."
        },
    )
    watch_conversations: int = field(
        default=200, metadata={"help": "Held-out conversations that watchers read, over all corpora; 0 for all."}
    )
    alerts: dict[str, Any] = field(
        default_factory=dict,
        metadata={
            "help": "Beside console and alerts.jsonl: {webhook: URL, webhook_severity: warning, console: false}."
        },
    )
    head_learning_rate: float | None = field(default=None, metadata={"help": "Learning rate of the heads."})
    lexical_fields: list[str] = field(
        default_factory=list, metadata={"help": "Fields that get a lexical expert, fitted after training."}
    )
    frozen_trunk: bool = field(
        default=False,
        metadata={
            "help": "Leave the trunk as it is, compute turn states once: heads are fitted, or, with shared_size, "
            "trained by gradient."
        },
    )
    read_only_batches: bool = field(
        default=True,
        metadata={"help": "Stop at the readout layer in batches where no token is to be learned (one process only)."},
    )
    hardware: str = field(
        default="auto", metadata={"help": "auto reads the machine's flags; none leaves all as given."}
    )
