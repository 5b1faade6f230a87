"""From what a YAML file says of watching to the callbacks that do it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import TrainerCallback

from pixel.clinical.monitor import default_monitor
from pixel.monitoring.alert_sinks import build_sinks
from pixel.training.arguments import SettingError
from pixel.training.callbacks.anomaly_watch import AnomalyWatch
from pixel.training.callbacks.clinical_monitor import ClinicalMonitor
from pixel.training.callbacks.combined_early_stopping import CombinedEarlyStopping
from pixel.training.callbacks.crisis_watch import CrisisWatch
from pixel.training.callbacks.emotional_consistency import EmotionalConsistency
from pixel.training.callbacks.emotional_steps import labelled_states, step_limits
from pixel.training.callbacks.empathy_contrast import EmpathyContrast
from pixel.training.callbacks.eq_milestones import EQMilestones
from pixel.training.callbacks.expert_checkpoints import ExpertCheckpoints
from pixel.training.callbacks.knowledge_use import KnowledgeUse
from pixel.training.callbacks.loss_monitor import LossMonitor
from pixel.training.callbacks.memory_watch import MemoryWatch
from pixel.training.callbacks.persona_switching import PersonaSwitching
from pixel.training.callbacks.resource_watch import ResourceWatch
from pixel.training.callbacks.validation_adjust import ValidationAdjust
from pixel.training.knowledge_context import KnowledgeContext
from pixel.training.probe_set import ProbeSet
from pixel.training.review_request import ReviewText
from pixel.training.review_store import review_store
from pixel.training.training_arguments import one_of

Maker = Callable[..., TrainerCallback]


def _experts(trainer, probe, examples, *, store=None, show=(), **options) -> TrainerCallback:
    text = ReviewText.of_examples(probe.examples, trainer.processing_class, show) if show else None
    return ExpertCheckpoints(probe, trainer.alerts, review_store(store, trainer.args.output_dir), text=text, **options)


def _crisis(trainer, probe, examples, *, region: str | None = None, **options) -> TrainerCallback:
    monitor = default_monitor(region)
    if monitor is None:
        raise ValueError("the weights of the crisis detector are not there")
    return CrisisWatch(probe, trainer.alerts, monitor, trainer.processing_class, **options)


def _emotions(trainer, probe, examples, **options) -> TrainerCallback:
    limits = step_limits(labelled_states(examples)) if examples is not None else None
    return EmotionalConsistency(probe, trainer.alerts, limits=limits, **options)


def _probing(kind: type) -> Maker:
    return lambda trainer, probe, examples, **options: kind(probe, trainer.alerts, **options)


ON_THE_LOG: dict[str, Maker] = {
    "anomalies": lambda trainer, **options: AnomalyWatch(trainer.alerts, **options),
    "live": lambda trainer, **options: LossMonitor(alerts=trainer.alerts, **options),
    "early_stopping": lambda trainer, **options: CombinedEarlyStopping(
        alerts=trainer.alerts, field_weights=trainer.args.field_weights, **options
    ),
    "adjust": lambda trainer, **options: ValidationAdjust(
        trainer, alerts=trainer.alerts, field_weights=trainer.args.field_weights, **options
    ),
    "resources": lambda trainer, **options: ResourceWatch(trainer, trainer.alerts, **options),
    "memory": lambda trainer, **options: MemoryWatch(trainer.alerts, **options),
}
"""Watchers of the log and of evaluations."""

ALWAYS: tuple[str, ...] = ("resources", "memory")
"""Watchers of every run, unless `watch` says `resources: false`."""

ON_THE_PROBE: dict[str, Maker] = {
    "clinical": _probing(ClinicalMonitor),
    "crisis": _crisis,
    "eq_milestones": _probing(EQMilestones),
    "empathy": _probing(EmpathyContrast),
    "emotions": _emotions,
    "persona": _probing(PersonaSwitching),
    "experts": _experts,
}
"""Watchers of held-out conversations."""


def watch_run(
    trainer,
    held_out: Dataset | None,
    examples: Dataset | None,
    pad_token_id: int,
    knowledge: KnowledgeContext | None = None,
) -> dict[str, TrainerCallback]:
    """
    Give a trainer the alert sinks and the callbacks that `args.alerts` and `args.watch` name, and those of `ALWAYS`.

    Args:
        trainer: a `PixelTrainer` or `TurnTrainer` that has not started.
        held_out: examples that watchers read.
        examples: the training examples, for what watchers learn from labels.
        pad_token_id: of the tokenizer.
        knowledge: what was put into the training rows, for the log and the report.

    Returns:
        the callbacks by name, for the report.

    Raises:
        SettingError: no such watcher or option, nothing to watch, or a network that cannot be read while it trains.
    """
    wanted: Mapping[str, Any] = trainer.args.watch
    if not hasattr(trainer, "add_watcher"):
        if wanted or knowledge is not None:
            raise SettingError("watch, knowledge: a frozen trunk's heads are fitted at once. Mend: set shared_size")
        return {}
    one_of("watch", wanted, (*ON_THE_LOG, *ON_THE_PROBE))
    wanted = dict.fromkeys(ALWAYS) | dict(wanted)
    wanted = {name: options for name, options in wanted.items() if options is not False}
    if trainer.args.objective_crisis and "adjust" not in wanted:
        wanted = {**wanted, "adjust": {"patience": 0}}  # the rule acts on held-out losses; rates are left alone
    evaluated = [name for name in ("early_stopping", "adjust") if name in wanted]
    if evaluated and trainer.args.eval_strategy == "no":
        what = evaluated[0] if evaluated[0] in trainer.args.watch else "objective_crisis"
        raise SettingError(f"{what} needs evaluations in training. Mend: eval_strategy: steps, and eval_steps: 50")
    try:
        folder = Path(trainer.args.output_dir)
        given = {"file": folder / "alerts.jsonl", "run": folder.name}
        sinks = build_sinks(**given | trainer.args.alerts)
    except (TypeError, ValueError) as error:
        raise SettingError(f"alerts: {error}. Mend: use console, file, webhook, webhook_severity") from error
    if trainer.is_world_process_zero():
        trainer.alerts.sinks += sinks
    probing = [name for name in wanted if name in ON_THE_PROBE]
    if probing and held_out is None:
        raise SettingError(f"watch: {probing[0]} needs held-out conversations; there are none. Mend: validation: 0.1")
    if probing and (trainer.is_deepspeed_enabled or trainer.is_fsdp_enabled):
        raise SettingError(f"watch: {probing[0]} reads the network, whose weights are sharded. Mend: leave it out")
    probe = ProbeSet(held_out, trainer.read_batch, pad_token_id) if probing else None
    made: dict[str, TrainerCallback] = {}
    for name, options in wanted.items():
        try:
            if name in ON_THE_LOG:
                made[name] = ON_THE_LOG[name](trainer, **(options or {}))
            else:
                made[name] = ON_THE_PROBE[name](trainer, probe, examples, **(options or {}))
        except (TypeError, ValueError) as error:
            raise SettingError(f"watch: {name}: {error}. Mend: see the docstring of its callback") from error
        trainer.add_watcher(made[name])
    if knowledge is not None:
        made["knowledge"] = KnowledgeUse(knowledge)
        trainer.add_watcher(made["knowledge"])
    if "eq_milestones" in made and "experts" in made:
        made["eq_milestones"].on_reached.append(made["experts"].ask)
    return made


def approved(watchers: Mapping[str, TrainerCallback]) -> bool:
    """Whether experts, if any were asked, let the model go: their last word is no rejection, rollback or silence."""
    experts = watchers.get("experts")
    return experts is None or experts.outcome in (None, "approve")
