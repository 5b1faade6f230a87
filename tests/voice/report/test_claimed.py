"""Conversations that claim a voice: read from a dataset, and held against what they were not made of."""

import json

import pytest
from pyarrow import Table
from pyarrow.parquet import write_table

from pixel.data.errors import ConversationError
from pixel.voice.conversations.building import Settings
from pixel.voice.conversations.dataset import assemble, write
from pixel.voice.conversations.making import make
from pixel.voice.personality.consistency.samples import voices_of
from pixel.voice.report.claimed import Claim, read_claims
from pixel.voice.report.claims import authenticity_rows
from pixel.voice.report.names import Names
from pixel.voice.report.reading import Heard, read_folder
from tests.voice.conversations.conftest import CONSENT, INTERVIEW, encoder, gate, in_line, tools, transcription  # noqa: F401
from tests.voice.personality.consistency.speakers import segments, talk, vector


@pytest.fixture
def made(tmp_path, tools):  # noqa: F811
    """A transcription, and the dataset that was made of it: an interview of a channel, and one by a persona."""
    other = [
        (who, text.replace("climb", "sail").replace("rock", "deep").replace("tour", "trip")) for who, text in INTERVIEW
    ]
    files = {
        "a.wav": (in_line(*INTERVIEW, file="a.wav"), {"channel": "Peaks", "consent": CONSENT}),
        "b.wav": (in_line(*other, file="b.wav"), {"persona": "calm"}),
    }
    folder = transcription(tmp_path / "voice", files)
    assembled = assemble(make(folder, Settings(), tools))
    assert len(assembled.rows) == 2
    write(assembled, tmp_path / "set", lambda counts: "card", validation=0.5)
    return folder, tmp_path / "set"


def test_the_hashes_of_a_dataset_are_the_voices_that_were_heard(made):
    folder, dataset = made
    claims = sorted(read_claims(dataset, read_folder(folder)), key=lambda one: one.file)
    assert [(one.voice, one.file, one.start) for one in claims] == [("Peaks", "a.wav", 0.0), ("calm", "b.wav", 0.0)]
    assert claims[0].texts == tuple(text for who, text in INTERVIEW if who == "S2")


def test_a_dataset_of_other_recordings_is_refused(made):
    with pytest.raises(ConversationError, match="made of these recordings.*--input"):
        read_claims(made[1], Heard([{"file": "c.wav"}], segments("c.wav", ["one two"], "S1")))


def test_the_guides_words_are_nobodys(made):
    folder, dataset = made
    file = next(dataset.glob("data/*.parquet"))
    told = {"speaker": "x", "file": "y", "start": 0, "end": 1, "crisis_answered_by": "safety guide"}
    messages = [
        {"role": role, "content": text} for role, text in (("assistant", "mine"), ("user", "u"), ("assistant", "g"))
    ]
    write_table(Table.from_pylist([{"messages": messages, "voice": json.dumps(told)}]), file.with_name("more.parquet"))
    found = [one for one in read_claims(dataset, read_folder(folder)) if one.voice == "x"]
    assert [(one.texts, one.file) for one in found] == [(("mine",), None)]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"messages": []}], "'voice'.*is missing"),
        ([{"messages": [], "voice": '{"speaker": "secret'}], "row 1.*'voice'.*not what was written"),
        ([], "no data/"),
    ],
)
def test_a_folder_that_is_no_such_dataset_is_named_without_its_words(tmp_path, rows, says):
    (tmp_path / "data").mkdir()
    if rows:
        write_table(Table.from_pylist(rows), tmp_path / "data" / "train.parquet")
    with pytest.raises(ConversationError, match=says) as error:
        read_claims(tmp_path, Heard([], []))
    assert "Mend" in str(error.value) and "secret" not in str(error.value)


@pytest.mark.parametrize("messages", ['["secret"]', '[{"role": "assistant", "text": "secret"}]'])
def test_a_line_whose_messages_are_none_is_named_without_its_words(tmp_path, messages):
    (tmp_path / "talks.jsonl").write_text(f'{{"voice": "a", "messages": {messages}}}\n')
    with pytest.raises(ConversationError, match="row 1.*'messages'") as error:
        read_claims(tmp_path / "talks.jsonl", Heard([], []))
    assert "secret" not in str(error.value)


def scored(own, claims, likeness):
    files = [{"file": "a.wav"}, {"file": "b.wav"}]
    voices = voices_of([*own, *segments("b.wav", talk(2, 1200), "S1")], files)
    names = Names(["a.wav", "b.wav"], shown=True)
    return authenticity_rows(claims, voices, vector, likeness, names)[0]


def test_conversations_are_not_held_against_the_words_they_were_made_of(likeness):
    # the first half of the recording is by one speaker, the second by another, and the conversation is the second half
    one, other = talk(1, 600), talk(3, 600)
    own = segments("a.wav", one + other, "S1")
    start = own[len(one)].start
    whole = scored(own, [Claim("a.wav", tuple(other))], likeness)
    apart = scored(own, [Claim("a.wav", tuple(other), "a.wav", start, own[-1].end)], likeness)
    alone = scored(segments("a.wav", one, "S1"), [Claim("a.wav", tuple(other))], likeness)
    assert apart["cosine"] == alone["cosine"] < whole["cosine"] and apart["apart"] and not whole["apart"]


def test_two_halves_are_each_held_against_the_rest(likeness):
    own = segments("a.wav", talk(1, 1600), "S1")
    quarters = [own[n * 20 : n * 20 + 20] for n in range(4)]
    claims = [Claim("a.wav", tuple(s.text for s in q), "a.wav", q[0].start, q[-1].end) for q in quarters]
    row = scored(own, claims, likeness)
    first = authenticity_rows(
        [Claim("v", claims[0].texts + claims[2].texts)], {"v": quarters[1] + quarters[3]}, vector, likeness, Names([])
    )[0]
    second = authenticity_rows(
        [Claim("v", claims[1].texts + claims[3].texts)], {"v": quarters[0] + quarters[2]}, vector, likeness, Names([])
    )[0]
    assert row["cosine"] == pytest.approx((first["cosine"] + second["cosine"]) / 2, abs=1e-4)
    assert row["words"] == 1600 and row["conversations"] == 4 and row["rank"] == 1


def test_with_too_little_elsewhere_nothing_is_said(likeness):
    own = segments("a.wav", talk(1, 400), "S1")
    row = scored(own, [Claim("a.wav", tuple(talk(1, 400)), "a.wav", 0.0, own[-1].end)], likeness)
    assert row["probability"] is None and row["words"] == 400
