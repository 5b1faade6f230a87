"""The dataset on the disk."""

import io
import json
import subprocess
import sys
import wave

import numpy as np
import pytest
from huggingface_hub import DatasetCard

from pixel.data.errors import ConversationError
from pixel.data.files import load_conversations
from pixel.data.splits import side
from pixel.voice.conversations.building import Settings
from pixel.voice.conversations.card import card
from pixel.voice.conversations.clips import as_wav, cut
from pixel.voice.conversations.dataset import assemble, columns, write
from pixel.voice.conversations.making import make
from tests.voice.conversations.conftest import CONSENT, INTERVIEW, in_line, transcription

OTHER = (
    ("S1", "Where does your night train to Vienna stop?"),
    ("S2", "The night train to Vienna stops in Salzburg, and the train waits there for an hour."),
    ("S1", "Is the coffee on the train any good?"),
    ("S2", "No, the coffee on the train is weak, so I carry my own coffee in a flask."),
)


@pytest.fixture
def assembled(tmp_path, tools):
    files = {
        "a.wav": (in_line(*INTERVIEW, file="a.wav"), {"licence": "CC-BY-4.0", "consent": CONSENT, "title": "Peaks"}),
        "b.wav": (in_line(*OTHER, file="b.wav"), {"licence": "MIT", "channel": "Rails"}),
        "copy.wav": (in_line(*OTHER, file="copy.wav"), {"licence": "MIT"}),
    }
    return assemble(make(transcription(tmp_path / "voice", files), Settings(), tools))


def face(assembled):
    return lambda counts: card(assembled, counts, how_split="By hash.", audio=False, command="make it")


def test_rows_are_of_the_schema_with_metadata_and_no_label(assembled):
    one, two = assembled.rows
    voice = json.loads(one["voice"])
    assert (one["licence"], one["source"], two["licence"]) == ("CC-BY-4.0", "voice", "MIT")
    assert voice["kind"] == "interview" and voice["source"]["consent_scope"] == ["training", "transcription"]
    assert one["emotion"] is None and one["emotional_reactions"] is None
    assert one["group"] != two["group"] and one["id"] != two["id"]


def test_the_same_talk_in_another_file_is_left_out(assembled):
    assert len(assembled.rows) == 2
    assert assembled.counts["left out: near-duplicate of an earlier one"] == 1


def test_what_is_written_is_read_as_conversations_and_splits_by_group(assembled, tmp_path):
    one, two = (row["group"] for row in assembled.rows)
    seed = next(seed for seed in range(50) if side(one, 0.5, seed) != side(two, 0.5, seed))
    counts = write(assembled, tmp_path / "set", face(assembled), validation=0.5, seed=seed)
    data = load_conversations(str(tmp_path / "set"), validation=0.0)
    rows = [row for split in data.values() for row in split]
    assert sorted(row["id"] for row in rows) == sorted(row["id"] for row in assembled.rows)
    sides = {name: set(split["group"]) for name, split in data.items()}
    assert len(sides) == 2 and not set.intersection(*sides.values()) and set(counts) == set(sides)


def test_the_same_rows_give_the_same_bytes(assembled, tmp_path):
    for name in ("one", "two"):
        write(assembled, tmp_path / name, face(assembled))
    files = [file.relative_to(tmp_path / "one") for file in (tmp_path / "one").rglob("*") if file.is_file()]
    assert len(files) >= 2
    assert all((tmp_path / "one" / f).read_bytes() == (tmp_path / "two" / f).read_bytes() for f in files)


def test_the_card_says_licence_consent_and_what_was_left_out(assembled, tmp_path):
    write(assembled, tmp_path / "set", face(assembled))
    text = (tmp_path / "set/README.md").read_text()
    head = DatasetCard(text).data.to_dict()
    assert head["license"] == "other" and "configs" not in head
    assert "| CC-BY-4.0 | - | training, transcription | 1 | yes |" in text
    assert "| MIT | - | not recorded | 1 | no: no recorded consent |" in text
    assert "near-duplicate of an earlier one | 1" in text and "\n- Peaks\n" in text


def test_a_card_holds_one_line_a_source_whatever_its_title_says(assembled, tmp_path):
    odd = {
        "licence": "Creative Commons Attribution license (reuse allowed)",
        "title": "Tea\n# with ann@hill.org",
        "playlist": "a | b",
    }
    assembled.files["a.wav"] = dict(assembled.files["a.wav"]) | odd
    assembled.files["b.wav"] = dict(assembled.files["b.wav"]) | {"licence": "CC-BY-4.0", "url": "https://x.org/t"}
    write(assembled, tmp_path / "set", face(assembled))
    text = (tmp_path / "set/README.md").read_text()
    assert "\n- Tea # with [EMAIL]\n- https://x.org/t\n" in text and "hill" not in text and "a \\| b" in text


def test_a_permission_by_mail_asks_for_no_name_in_the_card(assembled, tmp_path):
    assembled.files["a.wav"] = dict(assembled.files["a.wav"]) | {"licence": "by mail of the speaker"}
    write(assembled, tmp_path / "set", face(assembled))
    assert "Peaks" not in (tmp_path / "set/README.md").read_text()


def test_without_consent_to_it_there_is_no_profile(tmp_path, tools):
    profiled = CONSENT | {"scope": ["training", "personality"]}
    files = {name: (in_line(*lines, file=name), {"consent": consent, "persona": "one"})
             for name, lines, consent in (("a.wav", INTERVIEW, profiled), ("b.wav", OTHER, CONSENT))}  # fmt: skip
    found = assemble(make(transcription(tmp_path / "voice", files), Settings(), tools))
    first, second = (json.loads(row["voice"]) for row in found.rows)
    assert first["markers"] and second["markers"] is None and first["speaker"] == second["speaker"]


def test_a_dataset_that_is_built_anew_is_not_read_from_an_old_cache(assembled, tmp_path):
    for count in (2, 1):
        del assembled.rows[count:], assembled.clips[count:]
        write(assembled, tmp_path / "again", face(assembled), validation=0.0)
        assert len(load_conversations(str(tmp_path / "again"), validation=0.0)["train"]) == count


def test_a_folder_with_something_else_in_it_stays(assembled, tmp_path):
    write(assembled, tmp_path / "set", face(assembled))
    (tmp_path / "set/letter.txt").write_text("mine")
    with pytest.raises(ConversationError, match="in the way"):
        write(assembled, tmp_path / "set", face(assembled))
    assert (tmp_path / "set/letter.txt").read_text() == "mine"


def test_no_conversation_says_what_became_of_them(assembled, tmp_path):
    assembled.rows.clear()
    with pytest.raises(ConversationError, match="no conversation is left.*near-duplicate"):
        write(assembled, tmp_path / "set", face(assembled))


def test_sound_is_stored_as_bytes_and_withheld_where_words_were_replaced(assembled, tmp_path):
    assembled.clips[1] = None
    write(assembled, tmp_path / "set", face(assembled), validation=0.0,
          clips=lambda file, stretches: [f"{file} {a} {b}".encode() for a, b in stretches])  # fmt: skip
    data = load_conversations(str(tmp_path / "set"), validation=0.0)["train"]
    end = json.loads(assembled.rows[0]["voice"])["end"]
    assert [row["audio"] and row["audio"]["bytes"] for row in data] == [f"a.wav 0.0 {end}".encode(), None]
    assert not data.features["audio"].decode


def test_the_sound_column_needs_no_torchcodec():
    program = "import sys; from pixel.voice.conversations.dataset import columns; columns(True).arrow_schema; "
    program += "print('torchcodec' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout.strip() == "False"
    assert columns(True)["audio"].sampling_rate == 16_000


def test_a_clip_is_the_stretch_with_its_margin(tmp_path):
    ramp = np.linspace(-0.5, 0.5, 5 * 16_000, dtype=np.float32)
    (tmp_path / "ramp.wav").write_bytes(as_wav(ramp))
    late, early = cut(tmp_path, "ramp.wav", [(3.0, 4.0), (0.0, 1.0)])
    with wave.open(io.BytesIO(late)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767
    assert len(samples) == round(1.4 * 16_000) and samples[0] == pytest.approx(ramp[round(2.8 * 16_000)], abs=1e-3)
    with wave.open(io.BytesIO(early)) as file:
        assert file.getnframes() == round(1.2 * 16_000)
