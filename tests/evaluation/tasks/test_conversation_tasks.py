"""Tasks over a model's replies: planted qualities show, and every figure says how far it can be trusted."""

import json
import re

import numpy as np
import pytest

from pixel.evaluation import prompts
from pixel.evaluation.context import Context
from pixel.evaluation.conversation.authenticity import AuthenticityReader
from pixel.evaluation.conversation.coherence import FEATURES, CoherenceReader
from pixel.evaluation.conversation.measured import Standing
from pixel.evaluation.conversation.naturalness import NaturalnessReader, fit_naturalness
from pixel.evaluation.conversation.text_marks import order_table
from pixel.evaluation.task import TaskSkipped
from pixel.evaluation.tasks import (
    bias,
    conversation_authenticity,
    conversation_coherence,
    conversation_flow,
    conversation_naturalness,
    effectiveness,
)
from pixel.text.style_vector import StyleReference
from tests.evaluation.conversation.test_authenticity import habit, speech
from tests.evaluation.conversation.test_naturalness import people
from tests.evaluation.conversation.toy_talk import WORDS, BagOfWords
from tests.evaluation.parts import MadeModel, context, talk

MEASURED = Standing(True, "made labels: AUC 0.90")


class Speaking(MadeModel):
    """Replies by a function of the last message."""

    def __init__(self, says, **options):
        super().__init__(**options)
        self.says = says

    def generate(self, conversations, **_):
        return [self.says(messages[-1]["content"]) for messages in conversations]


@pytest.fixture(autouse=True)
def toy_encoder(monkeypatch):
    monkeypatch.setattr(Context, "encoder", lambda self: BagOfWords())
    monkeypatch.setattr(prompts, "SOURCES", ("esconv",))
    for module in (conversation_coherence, conversation_naturalness, conversation_flow, conversation_authenticity):
        monkeypatch.setattr(module, "standing", lambda measure: MEASURED)


def topics(count=30, turns=1):
    texts = [[f"my {WORDS[(n + t) % 4]} today", f"the {WORDS[(n + t) % 4]} is hard"] for n in range(count)
             for t in range(turns)]  # fmt: skip
    return [
        talk(str(n), *[text for pair in texts[n * turns : (n + 1) * turns] for text in pair], source="esconv")
        for n in range(count)
    ]


def by_metric(result):
    return {row.metric: row for row in result.rows}


# ── coherence ──


@pytest.fixture
def coherence(monkeypatch, tmp_path):
    file = tmp_path / "coherence.json"
    file.write_text(json.dumps(dict.fromkeys(FEATURES, 0.0) | {"answered": 6.0, "intercept": -3.0}))
    monkeypatch.setattr(conversation_coherence, "default_coherence", lambda: CoherenceReader(BagOfWords(), file))


def test_replies_to_the_point_are_coherent_and_others_are_not(coherence):
    corpora = {"esconv": {"validation": topics()}, "seed": {}}
    echo = conversation_coherence.replies(context(Speaking(lambda said: said), corpora))
    absent = conversation_coherence.replies(context(Speaking(lambda said: "bye bye"), corpora))
    assert echo[0][0].metric == "replies/coherence" and echo[0][0].value == pytest.approx(1 / (1 + np.exp(-3)))
    assert absent[0][0].value == pytest.approx(1 / (1 + np.exp(3)))
    assert echo[0][0].validated is True and echo[0][0].against == MEASURED.against
    assert {item.id for item in echo[1]} == {item.id for item in absent[1]}  # versions can be paired


def test_a_model_that_says_nothing_has_no_coherence_and_says_why(coherence):
    rows, items = conversation_coherence.replies(context(Speaking(lambda _: " "), {"esconv": {"test": topics()}}))
    assert rows[0].value is None and rows[0].reason == "no reply with words" and items == []
    assert rows[1].value is not None  # people spoke


def test_without_likelihoods_the_preference_is_left_out_by_name(coherence):
    result = conversation_coherence.ConversationCoherence().run(context(MadeModel(), {"esconv": {"test": topics()}}))
    assert any("preference left out" in note for note in result.notes)
    assert "prefers_true/esconv" not in by_metric(result)


# ── naturalness ──


def test_loops_are_less_natural_than_people(monkeypatch):
    known = people(300)
    tensors = fit_naturalness(known, order_table([reply for chunk in known for reply in chunk]))
    monkeypatch.setattr(conversation_naturalness, "default_naturalness", lambda: NaturalnessReader(tensors=tensors))
    rows = [talk(str(n), "hm", " ".join(chunk), source="esconv") for n, chunk in enumerate(people(24, 9))]
    model = Speaking(lambda _: "I am here for you. I am here for you. I am here for you. I am here for you.")
    result = conversation_naturalness.ConversationNaturalness().run(context(model, {"esconv": {"test": rows}}))
    found = by_metric(result)
    assert found["replies/naturalness"].value < 0.05 < 0.3 < found["people/naturalness"].value
    assert any("repeated +" in note for note in result.notes)


# ── flow ──


class PlacedPhases:
    """A reply's phase is the number in it."""

    def read(self, conversations):
        return [np.eye(5)[[int(m["content"][0]) for m in talk if m["role"] == "assistant"]] for talk in conversations]


def test_a_model_that_suggests_throughout_has_no_coverage_and_people_do(monkeypatch):
    monkeypatch.setattr(conversation_flow, "default_phases", PlacedPhases)
    rows = [
        talk(str(n), *[text for k in range(5) for text in ("hm", f"{k} words")], source="esconv") for n in range(9)
    ]
    result = conversation_flow.ConversationFlow().run(context(Speaking(lambda _: "3 try"), {"esconv": {"test": rows}}))
    found = by_metric(result)
    assert found["people/coverage"].value == 1.0 and found["replies/coverage"].value == pytest.approx(0.2)
    assert found["people/order"].value == pytest.approx(1.0) and found["replies/order"].value == 0.0
    assert found["replies/share_working"].value == 1.0
    assert found["replies/listened"].value is None and found["replies/listened"].reason


def test_the_model_answers_what_was_really_said(monkeypatch):
    monkeypatch.setattr(conversation_flow, "default_phases", PlacedPhases)
    rows = [talk(str(n), *[text for k in range(5) for text in (f"client {k}", f"{k} own")], source="esconv")
            for n in range(3)]  # fmt: skip
    model = MadeModel(reply="3 try")
    conversation_flow.ConversationFlow().run(context(model, {"esconv": {"test": rows}}))
    assert not any("3 try" in message["content"] for messages in model.asked for message in messages)


# ── authenticity ──


def test_one_voice_is_more_one_speaker_than_a_new_one_each_time(monkeypatch):
    reference = StyleReference.fit([speech(habit(n), 600, n) for n in range(12)])
    reader = AuthenticityReader(reference, {"slope": 20.0, "more": 0.0, "intercept": -4.0})
    monkeypatch.setattr(conversation_authenticity, "default_authenticity", lambda: reader)
    rows = [talk(str(n), f"hm {n}", speech(habit(3 * n), 60, n), source="esconv") for n in range(30)]
    model = Speaking(lambda said: speech(habit(1), 60, 50 + int(re.findall(r"\d+", said)[0])))
    found = by_metric(
        conversation_authenticity.ConversationAuthenticity().run(context(model, {"esconv": {"test": rows}}))
    )
    assert found["replies/one_speaker"].value > 0.6
    assert found["replies/one_speaker"].n == 6  # 30 replies of 60 words


def test_little_was_said_and_it_says_so(monkeypatch):
    monkeypatch.setattr(conversation_authenticity, "default_authenticity", lambda: None)
    result = conversation_authenticity.ConversationAuthenticity().run(
        context(MadeModel(reply="Yes."), {"esconv": {"test": topics()}})
    )
    assert result.rows[0].value is None and "fewer than 600 words" in result.rows[0].reason


# ── effectiveness ──


class Feeling(MadeModel):
    """Reads the number in a message as distress."""

    def read(self, conversations):
        return [
            [
                {"index": i, "role": m["role"], "emotion": {"distress": float(m["content"].split()[-1])}}
                for i, m in enumerate(messages)
            ]
            for messages in conversations
        ]


def rated(honest, count=120):
    draw, rows = np.random.default_rng(1), []
    for n in range(count):
        before, after = draw.integers(0, 5, 2) / 4
        told = (before, after) if honest else draw.random(2)
        texts = [f"so {told[0]}", "oh 0", f"so {told[1]}", "oh 0", "thanks 0", "oh 0", "bye 0"]
        distress = [before, None, None, None, None, None, after]
        rows.append(talk(str(n), *texts, source="esconv", distress=distress))
    return rows


def test_read_relief_that_follows_the_rated_one_is_validated_and_noise_is_not():
    corpora = [{"esconv": {"test": rated(honest)}} for honest in (True, False)]
    true, noise = (effectiveness.read_relief(context(Feeling(), one))[0][0] for one in corpora)
    assert true.value == pytest.approx(1.0) and true.validated is True and true.n == 120
    assert noise.validated is False and "not above" in noise.reason and abs(noise.value) < 0.4


def test_few_conversations_have_no_relief():
    with pytest.raises(TaskSkipped, match="5 held-out conversations"):
        effectiveness.read_relief(context(Feeling(), {"esconv": {"test": rated(True, 5)}}))


# ── bias ──


STORIES = ["I cannot sleep at all.", "Work is too much for me.", "I keep checking the door.", "I feel low every day."]


class Prejudiced(MadeModel):
    """Reads risk into faith, and answers one group curtly."""

    def read(self, conversations):
        records = []
        for messages in conversations:
            risk = 0.6 if "muslim" in messages[0]["content"].lower() else 0.2
            records.append(
                [
                    {"index": i, "role": m["role"], "risk": {"severity": [1 - risk, risk]}}
                    for i, m in enumerate(messages)
                ]
            )
        return records

    def generate(self, conversations, **_):
        return ["Hm." if "elderly" in m[-1]["content"] or "seventy" in m[-1]["content"] else "I hear you, go on."
                for m in conversations]  # fmt: skip


def test_a_prejudiced_model_is_caught_where_it_is_and_nowhere_else(monkeypatch):
    monkeypatch.setattr(bias, "stories", lambda context, most: (STORIES, [("insomnia",)] * 4))
    monkeypatch.setattr(bias, "_reactions", lambda pairs, encoder: [1.0] * len(pairs))
    result = bias.Bias().run(context(Prejudiced()))
    found = by_metric(result)
    # 0.6 against the mean of 0.6 and four times 0.2
    assert found["risk/religion"].value == pytest.approx(0.6 - 0.28) and found["risk/religion"].low > 0.3
    assert "muslim" in found["risk/religion"].against
    # log 2 (one word) against the mean of log 2 and twice log 6 (five words)
    assert found["words/age"].value == pytest.approx(abs(np.log(2) - (np.log(2) + 2 * np.log(6)) / 3))
    fair = [name for name, row in found.items() if row.value < 1e-9]
    assert set(found) - set(fair) == {"risk/religion", "words/age"}
    assert len(result.notes) == 2
    assert all(row.higher_is_better is False and row.validated is None for row in result.rows)


def test_warmth_of_a_reply_is_read_by_the_mechanism_reader():
    class Encoder:
        size = 384

        def encode(self, texts):
            return np.zeros((len(texts), self.size), dtype=np.float32)

    cold, warm = bias._reactions(
        [("I lost my job.", "Ok."), ("I lost my job.", "I am so sorry to hear it.")], Encoder()
    )
    assert 0.0 <= cold < warm <= 2.0


def test_bias_of_a_model_that_neither_reads_nor_replies_is_skipped():
    with pytest.raises(TaskSkipped):
        bias.Bias().run(context(MadeModel(abilities=())))
