"""The persona tasks, by a reader that knows the labels and by one that always says the same."""

import pytest

from pixel.data.seen import SeenRows
from pixel.evaluation.task import TaskSkipped
from pixel.evaluation.tasks.persona_consistency import PersonaConsistency
from pixel.evaluation.tasks.persona_mixes import real_mixes
from pixel.evaluation.tasks.persona_switching import PersonaSwitching
from pixel.persona import load_dialogues, row_of
from tests.evaluation.parts import MadeModel, context, talk

MODES = ("therapy", "assistant", "hybrid")


class PersonaModel(MadeModel):
    """Says the label of a benchmark message, `therapy` for "sad" talk, else `fixed`."""

    def __init__(self, fixed=None):
        super().__init__(abilities=("readouts",))
        self.fixed = fixed
        self.known = {one.users[0].user: one.modes for one in load_dialogues()}

    def read(self, conversations):
        return [[self._one(i, m, messages[0]) for i, m in enumerate(messages)] for messages in conversations]

    def _one(self, index, message, first):
        modes = self.known.get(first["content"])
        mode = modes[index // 2] if modes else ("assistant", "therapy")["sad" in message["content"]]
        mode = self.fixed or mode
        sure = {name: 0.98 if name == mode else 0.01 for name in MODES}
        return {"index": index, "role": message["role"], "persona": {"mode": sure, "switch": 0.9}}


def quick(*given, **options):
    made = context(*given, **options)
    made.resamples = 4
    return made


def by_metric(result):
    return {row.metric: row for row in result.rows}


@pytest.fixture(scope="module")
def told():
    return PersonaSwitching().run(quick(PersonaModel()))


def test_a_reader_that_knows_the_labels_switches_at_once_and_never_falsely(told):
    rows = by_metric(told)
    perfect = ("detection_accuracy", "switch_recall", "switch_f1", "tuned/switch_f1", "crisis_at_once")
    assert all(rows[name].value == 1.0 for name in perfect)
    assert rows["switch_delay"].value == 0.0 and rows["false_switches_per_100"].value == 0.0
    assert rows["false_switches_per_100"].higher_is_better is False and rows["detection_accuracy"].validated is None
    assert rows["detection_accuracy"].n == sum(len(one.users) for one in load_dialogues("test"))


def test_the_same_mode_at_every_turn_is_right_as_often_as_it_is_needed_and_finds_no_switch():
    rows = by_metric(PersonaSwitching().run(quick(PersonaModel("therapy"))))
    turns = [turn for one in load_dialogues("test") for turn in one.users]
    share = sum(turn.mode == "therapy" for turn in turns) / len(turns)
    assert rows["detection_accuracy"].value == pytest.approx(share)
    assert rows["switch_recall"].value == 0 and rows["switch_precision"].value is None
    assert rows["hard_assistant_accuracy"].value == 0 and rows["quiet_need_accuracy"].value == 1


def test_every_turn_and_every_needed_switch_is_an_item_without_text(told):
    switches = sum(turn.switch for one in load_dialogues("test") for turn in one.users)
    assert sum(item.metric == "switch_recall" for item in told.items) == switches
    assert all(item.id.startswith("persona_switching:") and len(item.id) < 60 for item in told.items)


def test_kept_baselines_stand_beside_the_figures(told):
    row = by_metric(told)["switch_f1"]
    assert row.majority == 0.0 and 0 < row.length < row.baseline < 1 and "MiniLM" in row.reference


@pytest.mark.parametrize("task", [PersonaSwitching, PersonaConsistency])
def test_test_dialogues_that_the_model_was_trained_on_are_left_out(task):
    test = load_dialogues("test")
    asked = quick(PersonaModel())
    asked.seen = SeenRows.of([row_of(one) for one in test[:4]])
    result = task().run(asked)
    assert "4 test dialogues left out: the model was trained on them" in result.notes
    counted = by_metric(result)["detection_accuracy" if task is PersonaSwitching else "drift"].n
    assert counted == sum(len(one.users) for one in test[4:])
    asked.seen = SeenRows.of([row_of(one) for one in test])
    with pytest.raises(TaskSkipped, match="every test dialogue"):
        task().run(asked)


def test_a_model_without_persona_heads_is_skipped():
    class Other(PersonaModel):
        def _one(self, index, message, first):
            return {"index": index, "role": message["role"], "eq": {"total": 0.5}}

    with pytest.raises(TaskSkipped, match="not trained to read persona modes"):
        PersonaSwitching().run(context(Other()))


@pytest.fixture
def corpora():
    sad = [talk(f"s{n}", *[f"sad words of number {n} {i}" for i in range(30)], source="annomi") for n in range(3)]
    people = [
        {**talk(f"m{n}", "a"), "messages": [{"role": "user", "content": f"we go out {n} {i}"} for i in range(12)]}
        for n in range(3)
    ]
    return {"annomi": {"validation": sad}, "meld": {"validation": people}}


def test_mixes_join_real_passages_at_a_known_turn(corpora):
    asked = quick(PersonaModel(), corpora)
    mixes = real_mixes(asked)
    assert len(mixes) == 6 and all(len(one.needed) == 6 and len(one.messages) == 12 for one in mixes)
    assert mixes[0].needed[:4] == ["therapy"] * 3 + ["assistant"] and mixes[1].needed[0] == "assistant"
    assert [m["role"] for m in mixes[0].messages[:3]] == ["user", "assistant", "user"]
    row = by_metric(PersonaSwitching().run(asked))["mixes/therapy_auc"]
    assert row.value == 1.0 and row.n == 36 and "nobody labelled" in row.against


def test_a_long_session_with_one_voice_is_steady(corpora):
    rows = by_metric(PersonaConsistency().run(quick(PersonaModel(), corpora)))
    assert rows["sessions/therapy_share"].value == 1.0 and rows["sessions/held_share"].value == 1.0
    assert rows["sessions/drift"].value == pytest.approx(0.0) and rows["sessions/drift"].n == 3
    assert rows["needless_flips_per_dialogue"].value == 0.0


def test_replies_are_asked_for_in_the_mode_needed_and_marked_as_not_validated(corpora):
    class Encoder:
        def encode(self, texts):
            import numpy as np

            return np.tile([1.0, 0.0], (len(texts), 1))

    model = PersonaModel()
    model.abilities.add("generation")
    asked = quick(model, corpora, limit=2)
    asked.encoder = lambda: Encoder()
    rows = by_metric(PersonaConsistency().run(asked))
    assert rows["replies/continuity"].validated is False and rows["replies/assistant_keeps_rules"].value is None
    assert all(messages[0]["role"] == "system" and messages[-1]["role"] == "user" for messages in model.asked)
