"""The empathy tasks on made corpora, with an encoder that only knows words and a model that costs nothing."""

import csv

import numpy as np
import pytest

from pixel.clinical.appropriateness.annomi_sessions import read_sessions
from pixel.empathy.mechanisms import unseen
from pixel.evaluation.context import Context
from pixel.evaluation.items import check_unique
from pixel.evaluation.task import TaskSkipped
from pixel.evaluation.tasks import TASKS, empathy_replies
from pixel.evaluation.tasks.empathy_behaviours import behaviours
from pixel.evaluation.tasks.empathy_calibration import EmpathyCalibration
from pixel.evaluation.tasks.empathy_consistency import EmpathyConsistency, halved_interval
from pixel.evaluation.tasks.empathy_distress import distress
from pixel.evaluation.tasks.empathy_genuine import EmpathyGenuine, contrast_rows
from pixel.evaluation.tasks.empathy_levels import levels
from pixel.evaluation.tasks.empathy_progression import EmpathyProgression
from pixel.metrics.measure import defined
from tests.empathy.test_readers import WordEncoder
from tests.evaluation.parts import MadeModel, context, talk

ANIMALS = ("cat", "dog", "horse", "fish", "bird", "goat", "mouse", "frog")


class Feeling(MadeModel):
    """Reads distress as the number of times a message says "bad", and replies about what it heard or about nothing."""

    def __init__(self, specific=True, **options):
        super().__init__(**options)
        self.specific = specific

    def read(self, conversations):
        return [
            [{"index": i, "role": m["role"], **_feeling(m["content"])} for i, m in enumerate(messages)]
            for messages in conversations
        ]

    def generate(self, conversations, *, max_new_tokens, temperature, seed):
        said = [messages[-1]["content"] for messages in conversations]
        return [f"I hear that, {text}" if self.specific else "I hear you. Stay strong." for text in said]


def _feeling(text):
    bad = min(1.0, text.lower().split().count("bad") / 4)
    levels = {name: [1 - bad, 0.0, bad] for name in ("emotional_reactions", "interpretations", "explorations")}
    emotion = {"distress": bad, "vad": {"valence": 1 - bad, "arousal": 0.5}, "labels": {"sadness": bad}}
    return {"emotion": emotion, "empathy": levels | {"genuine": bad}}


def _peers(count=40):
    """Replies to posts that the shipped reader has not seen, each about its own post."""
    names = [str(number) for number in range(3000) if unseen(str(number))][:count]
    rows = []
    for number, name in enumerate(names):
        thing = f"{ANIMALS[number % 8]} number{number}"
        level = [None, number % 3]
        rows.append(
            talk(
                f"{name}-1", f"my {thing} is gone and it is bad", f"sorry about the {thing} " + "bad " * (number % 3),
                source="epitome", group=name, emotional_reactions=level, interpretations=level, explorations=level,
            )
        )  # fmt: skip
    return rows


@pytest.fixture
def made(monkeypatch):
    """A maker of contexts over made corpora."""
    encoder = WordEncoder()
    monkeypatch.setattr(Context, "encoder", lambda self: encoder)

    def make(model=None, corpora=None, **options):
        return context(model or Feeling(), corpora, **options)

    yield make
    empathy_replies._remembering.cache_clear()


def test_all_empathy_tasks_are_registered_under_their_names():
    for task in (EmpathyGenuine, EmpathyConsistency, EmpathyCalibration, EmpathyProgression):
        module, _, name = TASKS[task.name].partition(":")
        assert (module, name) == (task.__module__, task.__name__) and task.group == "empathy" and task.about


def test_a_model_that_answers_everybody_alike_is_no_more_contextual_than_a_coin(made):
    corpora = {"epitome": {"validation": _peers()}}
    found = {}
    for specific in (True, False):
        result = EmpathyGenuine().run(made(Feeling(specific), corpora))
        found[specific] = {row.metric: row for row in result.rows}
        check_unique(result.items)
    assert found[True]["contrast_borrowed_model"].value > 0.9
    assert found[False]["contrast_borrowed_model"].value == pytest.approx(0.5)
    # nothing that the model says can validate the measure: both rows stand on what people said of peers
    people = found[True]["validity_specificity"]
    for rows in found.values():
        row = rows["contrast_borrowed_model"]
        assert (row.validated, row.against) == (people.validated, people.against)
    assert found[False]["specificity_gap"].value > 0.1 and "model lower" in found[False]["specificity_gap"].reference
    assert found[True]["contrast_borrowed_people"].value > 0.9
    assert found[False]["inside_human_range"].validated is False  # nothing here stands on people's labels
    assert any(note.startswith("validity_profile_distance left out") for note in result.notes)


def test_readouts_that_follow_the_labels_are_validated_and_those_of_a_constant_are_not(made):
    corpora = {"epitome": {"validation": _peers()}}
    rows = {row.metric: row for row in EmpathyGenuine().run(made(Feeling(), corpora)).rows}
    assert rows["validity_readout_explorations"].value > 0.9
    silent = Feeling(kind="causal_lm", abilities=("generation",))
    rows = {row.metric for row in EmpathyGenuine().run(made(silent, corpora)).rows}
    assert "validity_readout_explorations" not in rows and "validity_specificity" in rows


def test_borrowed_replies_of_like_length_give_length_nothing_to_say(made):
    from pixel.empathy.exchanges import exchanges

    pairs = exchanges(_peers(80))
    row = contrast_rows(made(corpora={}), pairs, WordEncoder())[0]
    assert abs(row.length - 0.5) < 0.05 and row.validated is True and row.baseline > 0.5


def test_a_reader_of_the_set_is_steady_and_one_of_the_wording_is_not(made):
    from pixel.empathy.paraphrases import paraphrase_sets

    number = {text: place for place, one in enumerate(paraphrase_sets()) for text in one.says}

    class Reader(Feeling):
        def __init__(self, value):
            super().__init__()
            self.value = value

        def read(self, conversations):
            found = super().read(conversations)
            for records, messages in zip(found, conversations, strict=True):
                records[-1]["emotion"]["distress"] = self.value(messages[-1]["content"])
            return found

    steady = EmpathyConsistency().run(made(Reader(lambda text: number[text] / 50), {}))
    whim = EmpathyConsistency().run(made(Reader(lambda text: len(text) % 17 / 17), {}))
    icc = [{row.metric: row for row in one.rows}["readout_distress_icc"] for one in (steady, whim)]
    assert icc[0].value == pytest.approx(1.0) and abs(icc[1].value) < 0.2 and icc[0].n >= 40


def test_a_model_that_says_nothing_has_no_consistency_of_replies(made):
    class Mute(Feeling):
        def generate(self, conversations, **options):
            return [""] * len(conversations)

    result = EmpathyConsistency().run(made(Mute(), {}))
    rows = {row.metric: row for row in result.rows}
    assert rows["reply_total_icc"].value is None and rows["reply_total_icc"].reason
    assert any("left out" in note for note in result.notes)  # no sessions here


def test_levels_of_a_cold_model_are_lower_than_peers(made):
    result = levels(made(Feeling(False), {"epitome": {"validation": _peers()}}))
    rows = {row.metric: row for row in result.rows}
    assert {"level_emotional_reactions", "level_explorations_ks", "level_explorations_wasserstein"} <= set(rows)
    assert rows["level_explorations_ks"].value > rows["level_explorations_ks"].baseline
    skipped = rows["level_emotional_reactions/gender_words_none"]
    assert skipped.value is not None or skipped.reason


def test_read_change_of_distress_is_held_against_seekers_own_words(made):
    rows = []
    for number in range(24):
        before, after = 1 + number % 4, number % 2
        rows.append(
            talk(
                str(number), "it is " + "bad " * before, "oh", "now it is " + "bad " * after, source="esconv",
                distress=[before / 4, None, after / 4],
            )
        )  # fmt: skip
    result = distress(made(corpora={"esconv": {"validation": rows}}))
    found = {row.metric: row for row in result.rows}
    assert found["distress_change_read"].value == pytest.approx(1.0) and found["distress_change_read"].validated
    assert found["distress_change"].value == pytest.approx(0.0)
    assert found["distress_change_ks"].value == pytest.approx(0.0)
    assert len(result.items) == 24


def test_a_model_without_readouts_has_no_change_of_distress(made):
    with pytest.raises(TaskSkipped, match="does not read"):
        distress(made(Feeling(kind="causal_lm", abilities=("generation",)), {"esconv": {"validation": []}}))


def _annomi(folder):
    """Thirty sessions in AnnoMI's form: good helpers reflect and ask, poor ones advise."""
    (folder / "annomi").mkdir()
    names = [
        "mi_quality", "transcript_id", "video_url", "topic", "utterance_id", "interlocutor", "utterance_text",
        "main_therapist_behaviour", "client_talk_type", "question_exists", "question_subtype", "reflection_exists",
        "reflection_subtype", "therapist_input_exists", "therapist_input_subtype",
    ]  # fmt: skip
    draw, lines, rows = np.random.default_rng(0), [], []
    for number in range(30):
        good, said = number % 3 != 0, []
        for turn in range(16):
            line = dict.fromkeys(names, "") | {
                "mi_quality": "high" if good else "low", "transcript_id": str(number), "video_url": f"v{number}",
                "topic": "smoking cessation", "utterance_id": str(turn), "client_talk_type": "neutral",
                "question_exists": "False", "reflection_exists": "False", "therapist_input_exists": "False",
            }  # fmt: skip
            thing = ANIMALS[draw.integers(8)]
            if turn % 2 == 0:
                line |= {
                    "interlocutor": "client",
                    "utterance_text": f"well my {thing} makes me smoke so much every day",
                }
            else:
                kind = "reflection" if good and draw.random() < 0.6 else "question" if draw.random() < 0.6 else "input"
                text = {
                    "reflection": f"so the {thing} sounds hard", "question": f"what of the {thing} now?",
                    "input": f"you should sell the {thing}",
                }[kind]  # fmt: skip
                line |= {"interlocutor": "therapist", "utterance_text": text, "main_therapist_behaviour": kind}
                marks = {
                    "reflection": ("reflection", "simple"), "question": ("question", "open"),
                    "input": ("therapist_input", "advice"),
                }[kind]  # fmt: skip
                line |= {f"{marks[0]}_exists": "True", f"{marks[0]}_subtype": marks[1]}
            lines.append(line)
            said.append(line["utterance_text"])
        rows.append(talk(str(number), *said, source="annomi"))
    with (folder / "annomi" / "annomi-full.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows(lines)
    return rows


def test_a_model_that_only_reflects_is_found_to_and_told_so(made, tmp_path):
    rows = _annomi(tmp_path)
    corpora = {"annomi": {"validation": rows}}

    class Parrot(Feeling):
        def generate(self, conversations, **options):
            return [f"so the {ANIMALS[n % 8]} sounds hard" for n in range(len(conversations))]

    result = behaviours(made(Parrot(), corpora, data_root=tmp_path))
    found = {row.metric: row for row in result.rows}
    assert found["reader_simple_reflection"].value > 0.9
    assert found["behaviour_reflections"].value > 0.2 and found["behaviour_reflections"].low > 0
    assert found["behaviour_questions"].value > 0 and "model lower" in found["behaviour_questions"].reference
    assert "model higher" in found["behaviour_reflections"].reference
    assert found["behaviour_reflections/topic_substances"].value is not None  # all sessions are about smoking
    assert any(note.startswith("nothing is recommended on") for note in result.notes)  # no complex ones to check
    check_unique(result.items)
    # replies are drawn with the people of their video
    assert {item.group for item in result.items} <= {session.video for session in read_sessions(tmp_path)}


def test_progression_has_what_is_seen_and_what_is_given(made):
    result = EmpathyProgression().run(made(Feeling(), {"epitome": {"validation": _peers()}}))
    rows = {row.metric: row for row in result.rows}
    assert rows["sees_explorations"].value > 0.9 and rows["stage"].n > 0
    assert {"gives_emotional_reactions", "gives_specificity"} <= set(rows)
    assert any(note.startswith("stage: half of the replies reach") for note in result.notes)


def test_without_data_the_tasks_say_what_they_need(made):
    for task in (EmpathyGenuine, EmpathyProgression):
        with pytest.raises(TaskSkipped):
            task().run(made(corpora={}))
    with pytest.raises(TaskSkipped, match="levels left out"):
        EmpathyCalibration().run(made(Feeling(kind="causal_lm", abilities=("generation",)), {}))


def test_the_interval_by_halves_is_about_as_wide_as_it_has_to_be():
    draw = np.random.default_rng(0)
    covered, groups = 0, np.arange(40)
    for _ in range(40):
        values = draw.normal(size=40)
        low, high = halved_interval(lambda at, values=values: defined(values[at].mean()), groups, 200, 0)
        covered += low <= 0 <= high
    assert covered >= 33  # 38 expected
