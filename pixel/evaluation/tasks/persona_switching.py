"""The persona-switching benchmark, read by the model's persona heads, and real talk with known switches."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pixel.evaluation.items import Item, item_id
from pixel.evaluation.row import Row
from pixel.evaluation.shares import mean_row
from pixel.evaluation.task import TaskResult, TaskSkipped
from pixel.evaluation.tasks.persona_mixes import mix_rows
from pixel.evaluation.tasks.persona_tracks import AGAINST, Track, follow, held_out, read_tracks, score_row
from pixel.metrics.auc import auc
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.persona.baseline_figures import known_figures
from pixel.persona.benchmark_rows import row_of
from pixel.persona.dialogues import Dialogue, load_dialogues
from pixel.persona.operating_point import fit_offsets, shifted
from pixel.persona.scores import MEASURES, Followed, Score, scores
from pixel.persona.state_fit import fit_state
from pixel.persona.switches import WINDOW, switch_points
from pixel.persona.tracks import likeliest

if TYPE_CHECKING:
    from pixel.evaluation.context import Context

TASK = "persona_switching"
SWITCHING = (
    "detection_accuracy", "detection_macro_f1", "therapy_auc", "switch_recall", "switch_precision", "switch_f1",
    "switch_delay", "false_switches_per_100", "missed_switches_per_100",
)  # fmt: skip
HARD = {
    "hard_assistant_accuracy": (
        "assistant",
        {"idiom", "film", "friend_case", "stress_word", "past_distress", "clinical", "professional", "long_message"},
    ),
    "quiet_need_accuracy": ("therapy", {"calm_need", "short_words"}),
}
"""Row -> (mode needed, tags): words of distress without need for therapy, and need without such words."""


class PersonaSwitching:
    """
    Rows without a prefix: the mode as it would speak (`PersonaState` as it ships). `likeliest/...`: each turn by
    itself. `tuned/...`: offsets and hysteresis chosen on the development part of the benchmark; left out where the
    model was trained on that part. `mixes/...`: real talk.
    """

    name, group, needs = TASK, "persona", ("readouts",)
    about = f"persona benchmark: detection, switches within {WINDOW} turns, false switches; real mixes"

    def run(self, context: "Context") -> TaskResult:
        unseen, notes = held_out(context)
        test = context.sample(unseen)
        tracks = read_tracks(context, [one.messages() for one in test])
        shipped = follow(test, tracks)
        rows = table(context, shipped, "")
        each = [
            Followed(one.id, one.modes, likeliest(track.modes), track.modes)
            for one, track in zip(test, tracks, strict=True)
        ]
        rows += table(context, each, "likeliest/", SWITCHING[:6])
        tuned, why = self._tuned(context, test, tracks)
        rows += table(context, tuned, "tuned/") if tuned else []
        notes += [why] if why else []
        rows += hard_rows(context, test, shipped) + switch_head_rows(context, test, [track.switch for track in tracks])
        try:
            rows += mix_rows(TASK, context)
        except TaskSkipped as reason:
            notes.append(f"real mixes left out: {reason}")
        return TaskResult(rows, items_of(shipped), notes)

    @staticmethod
    def _tuned(context, test: Sequence[Dialogue], tracks: Sequence[Track]) -> tuple[list[Followed], str | None]:
        development = load_dialogues("dev")
        if context.seen is not None and any(context.seen.seen(row_of(one)) for one in development):
            return [], "tuned rows left out: the model was trained on the development part"
        read = read_tracks(context, [one.messages() for one in development])
        needed = [one.modes for one in development]
        offsets = fit_offsets(np.concatenate([track.modes for track in read]), [m for modes in needed for m in modes])
        marks = None if read[0].switch is None else [track.switch for track in read]
        state = fit_state([shifted(track.modes, offsets) for track in read], needed, marks)
        said = [replace(track, modes=shifted(track.modes, offsets)) for track in tracks]
        return follow(test, said, **state), None


def table(context: "Context", few: Sequence[Followed], prefix: str, names: Sequence[str] = SWITCHING) -> list[Row]:
    """One row a measure, beside the kept baselines (where all test dialogues were measured)."""
    whole = len(few) == len(load_dialogues("test"))
    known, steadied = known_figures() if whole else {}, not prefix.startswith("likeliest")

    def figure(name: str, measure: str) -> float | None:
        kept = known.get(f"{name}_steady" if steadied and f"{name}_steady" in known else name, {})
        return (kept.get(measure) or {}).get("value")

    found = scores(few, names, context.resamples, context.seed)
    return [
        score_row(TASK, 
            f"{prefix}{name}", score, MEASURES[name][1], AGAINST, majority=figure("majority", name),
            length=figure("length", name), baseline=figure("encoder", name),
            reference="baseline: MiniLM and logistic regression on seed and development part"
            if figure("encoder", name) is not None else None,
        )
        for name, score in found.items()
    ]  # fmt: skip


def hard_rows(context: "Context", test: Sequence[Dialogue], shipped: Sequence[Followed]) -> list[Row]:
    """Accuracy where the words mislead, and at once on crisis signals."""
    groups = {
        name: [
            (one.id, given == need)
            for one, way in zip(test, shipped, strict=True)
            if tags & set(one.tags)
            for need, given in zip(way.needed, way.given, strict=True)
            if need == mode
        ]
        for name, (mode, tags) in HARD.items()
    }
    groups["crisis_at_once"] = [
        (one.id, way.given[place] == "therapy")
        for one, way in zip(test, shipped, strict=True)
        for place, turn in enumerate(one.users)
        if turn.trigger == "crisis_signal"
    ]
    return [_share(context, name, found) for name, found in groups.items()]


def switch_head_rows(context: "Context", test: Sequence[Dialogue], switch: Sequence) -> list[Row]:
    """Area under the ROC curve of the switch read-out over the turns at which a switch was possible."""
    if any(mark is None for mark in switch):
        return []
    truth = np.array([turn.switch for one in test for turn in one.users[1:]])
    said = np.array([value for mark in switch for value in mark[1:]])
    words = np.array([len(turn.user.split()) for one in test for turn in one.users[1:]], dtype=float)
    groups = np.array([one.id for one in test for _ in one.users[1:]])
    found = auc(truth, said)
    ends = bootstrap_interval(
        lambda d: auc(truth[d], said[d]), len(truth), groups, resamples=context.resamples, seed=context.seed
    )
    length = auc(truth, words).value
    score = Score(found.value, *(ends or (None, None)), len(truth), found.reason)
    length = None if length is None else max(length, 1 - length)
    return [score_row(TASK, "switch_readout_auc", score, True, AGAINST, majority=0.5, length=length)]


def items_of(few: Sequence[Followed]) -> list[Item]:
    """Each turn right or wrong; each needed switch found or not."""
    out = []
    for one in few:
        for turn, (need, given) in enumerate(zip(one.needed, one.given, strict=True)):
            out.append(Item(item_id(TASK, one.id, turn), "detection_accuracy", need == given, one.id))
        for turn, hit in zip(switch_points(one.needed), one.switches.found, strict=True):
            out.append(Item(item_id(TASK, one.id, turn), "switch_recall", hit, one.id))
    return out


def _share(context: "Context", name: str, found: list[tuple[str, bool]]) -> Row:
    return mean_row(
        context, [hit for _, hit in found], [group for group, _ in found],
        task=TASK, metric=name, group="persona", against=AGAINST, reason="no such turn",
    )  # fmt: skip
