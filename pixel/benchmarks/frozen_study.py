"""Many short trainings on one frozen trunk: the same turns, the same budget, other settings."""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from datasets import Dataset
from transformers import TrainerCallback, set_seed
from transformers.utils import logging

from pixel.benchmarks.ranking import ranking
from pixel.models import PixelForCausalLM
from pixel.models.heads import PixelHeads
from pixel.models.labels import FIELDS
from pixel.training.callbacks.brief_log import BriefPrinter
from pixel.training.curriculum_rows import curriculum_over
from pixel.training.training_arguments import PixelTrainingArguments
from pixel.training.turn_table import TurnTable
from pixel.training.turn_trainer import TurnTrainer

PARTS = ("tune", "test")


class FrozenStudy:
    """
    Trains fresh heads (and their shared layer) again and again on turn states that are computed once.

    The held-out groups are halved: `tune` is for choosing settings, `test` for reporting what was chosen.

    Args:
        network: with `shared_size`; its heads are replaced in every run.
        settings: of every run, by name of `PixelTrainingArguments`.
        train: the training turns.
        order: the rows of `train` an epoch goes through, repeats allowed.
        held_out: part -> corpus -> turns (see `halves`).
        examples: gives the examples behind `train`; only a curriculum asks.
    """

    def __init__(
        self,
        network: PixelForCausalLM,
        settings: Mapping[str, Any],
        train: TurnTable,
        order: Sequence[int],
        held_out: Mapping[str, Mapping[str, TurnTable]],
        examples: Callable[[], Dataset] | None = None,
    ):
        self.network, self.settings, self.train = network, dict(settings), train
        self.order, self.held_out, self.examples = list(order), held_out, examples
        self._validation: TurnTable | None = None

    def trainer(self, settings: Mapping[str, Any], seed: int, folder: str, only: str | None = None) -> TurnTrainer:
        """
        A trainer with fresh heads, not yet started.

        Args:
            settings: what differs from `self.settings`; `head_dropout` too, which belongs to the network.
            seed: of heads, rows and dropout.
            folder: to write to.
            only: train on the rows that label this objective.
        """
        settings, config = dict(settings), self.network.config
        usual, config.head_dropout = config.head_dropout, settings.pop("head_dropout", config.head_dropout)
        args = PixelTrainingArguments(
            **{"output_dir": folder, "save_strategy": "no", "disable_tqdm": True, "logging_steps": 50}
            | {"non_finite": "ignore"}  # a run that diverges is a result
            | self.settings
            | settings
            | {"seed": seed}
        )
        set_seed(seed)
        self.network.heads = PixelHeads(self.network.config).float()
        self.network.heads.apply(self.network._init_weights)
        config.head_dropout = usual
        order = np.random.default_rng(seed).permutation(self.order).tolist()
        if only is not None:
            labelled = self.train.objectives()[only]
            order = [row for row in order if labelled[row]]
        curriculum = curriculum_over(self.examples().select(order), args.curriculum) if args.curriculum else None
        validation = self.validation if args.eval_strategy != "no" else None
        trainer = TurnTrainer(self.network, args, self.train, validation, rows=order, curriculum=curriculum)
        trainer.pop_callback(BriefPrinter)
        return trainer

    @property
    def validation(self) -> TurnTable:
        """Conversations of the `tune` half for losses during training: at most 60 a corpus."""
        if self._validation is None:
            parts = [table.select(range(min(len(table), 60))) for table in self.held_out["tune"].values()]
            self._validation = TurnTable.join(parts)
        return self._validation

    def run(
        self,
        settings: Mapping[str, Any],
        seed: int = 0,
        parts: Iterable[str] = PARTS,
        only: str | None = None,
        curve_every: int = 0,
        prepare: Callable[[TurnTrainer], None] | None = None,
    ) -> dict[str, Any]:
        """
        Train once and measure.

        Args:
            settings: what differs from `self.settings`.
            seed: of the heads, the order of rows and dropout.
            parts: which halves of the held-out groups to measure.
            only: train on the rows that label this objective.
            curve_every: steps between measurements of the `test` half, for a learning curve; 0 for none.
            prepare: called with the trainer before it starts, to add callbacks.

        Returns:
            `settings`, `seed`, `seconds`, `curve` (`[[step, mean score], ...]`) if asked for, and for each part:
            objective -> `corpus/field` -> metric (see `ranking`).
        """
        started = time.time()
        with tempfile.TemporaryDirectory() as folder, _quiet():
            trainer = self.trainer(settings, seed, folder, only)
            if prepare is not None:
                prepare(trainer)
            curve = _Curve(self, trainer, curve_every)
            if curve_every:
                trainer.add_callback(curve)
            trainer.train()
        found = {"settings": dict(settings), "seed": seed, "seconds": round(time.time() - started, 2)}
        if curve_every:
            found["curve"] = curve.points
        return found | {part: self.measure(trainer, part) for part in parts}

    def measure(self, trainer: TurnTrainer, part: str) -> dict[str, dict[str, float]]:
        """Objective -> `corpus/field` -> metric."""
        found: dict[str, dict[str, float]] = {}
        for corpus, table in self.held_out[part].items():
            for name, value in ranking(trainer.read(table)).items():
                found.setdefault(FIELDS[name].objective, {})[f"{corpus}/{name}"] = value
        return found


@contextmanager
def _quiet() -> Iterator[None]:
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


class _Curve(TrainerCallback):
    """Mean score on the `test` half while a trainer trains."""

    def __init__(self, study: FrozenStudy, trainer: TurnTrainer, every: int):
        self.study, self.trainer, self.every, self.points = study, trainer, every, []

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step % self.every == 0:
            self.points.append([state.global_step, mean_score(self.study.measure(self.trainer, "test"))])


def halves(tables: Mapping[str, TurnTable]) -> dict[str, dict[str, TurnTable]]:
    """Held-out tables by corpus, cut in two: part -> corpus -> table. A group is never on both sides."""
    parts: dict[str, dict[str, TurnTable]] = {part: {} for part in PARTS}
    for corpus, table in tables.items():
        names = np.random.default_rng(0).permutation(np.unique(table.groups))
        first = np.isin(table.groups, names[: len(names) // 2])
        for part, chosen in zip(PARTS, (first, ~first), strict=True):
            if chosen.any():
                parts[part][corpus] = table.select(np.flatnonzero(chosen).tolist())
    return parts


def mean_score(measured: Mapping[str, Mapping[str, float]]) -> float:
    """Mean over objectives of the mean over their metrics; more is better."""
    return float(np.mean([np.mean(list(metrics.values())) for metrics in measured.values()]))
