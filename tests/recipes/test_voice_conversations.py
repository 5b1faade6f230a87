"""From a transcription to a dataset that trains, by one command."""

import json

import pytest

from pixel.data.errors import ConversationError
from pixel.voice.conversations.therapeutic import TherapeuticGate
from tests.hub_standin import session_hub
from tests.voice.conversations.conftest import (
    CONSENT,
    INTERVIEW,
    CalmDetector,
    CalmRules,
    CountingEncoder,
    in_line,
    transcription,
)


class CalmGate(TherapeuticGate):
    """The gate without its weights."""

    def __init__(self, region=None):
        super().__init__(CalmDetector(), CalmRules(), region)


@pytest.fixture
def build(recipe, tmp_path, monkeypatch):
    """`build(consents, *words)`: the recipe over one interview a consent, with an encoder that counts words."""
    monkeypatch.setattr("pixel.text.sentence_encoder.default_encoder", lambda: CountingEncoder())
    monkeypatch.setattr("pixel.voice.conversations.therapeutic.TherapeuticGate", CalmGate)
    module = recipe("voice_conversations")

    def run(consents, *words, listed=None):
        files = {}
        for number, consent in enumerate(consents):
            name, lines = (
                f"{number}.wav",
                [(who, text.replace("tour", f"tour {number}" * 3)) for who, text in INTERVIEW],
            )
            lines = lines[number % 2 * 2 :]
            files[name] = (in_line(*lines, file=name), {"consent": consent, "licence": "CC-BY-4.0"})
        transcription(tmp_path / "voice", files)
        if listed is not None:
            (tmp_path / "voice/files.jsonl").write_text(listed)
        words = ["--input", str(tmp_path / "voice"), "--output", str(tmp_path / "set"), "--writer", "none", *words]
        return module.main(module.options([*words, "--fingerprint", "none"]))

    return run


@pytest.fixture
def rows(tmp_path):
    from pixel.data.files import load_conversations

    def read():
        return [row for split in load_conversations(str(tmp_path / "set"), 0.0).values() for row in split]

    return read


def test_a_transcription_becomes_examples_that_train(build, rows, tmp_path, capsys):
    from datasets import Dataset

    from pixel.data.examples import encode_dataset
    from pixel.training.chat_tokenizer import byte_tokenizer

    assert build([CONSENT, CONSENT]) == 0
    encoded = encode_dataset(Dataset.from_list(rows()), byte_tokenizer(), 4096)
    assert len(encoded) == 2
    for row, example in zip(rows(), encoded, strict=True):
        learnt = byte_tokenizer().decode([token for token in example["labels"] if token >= 0])
        assert all(one["content"] in learnt for one in row["messages"] if one["role"] == "assistant")
        assert not any(one["content"] in learnt for one in row["messages"] if one["role"] == "user")
    stats = json.loads((tmp_path / "set/stats.json").read_text())
    assert stats["counts"]["conversations"] == 2 and "warning" not in capsys.readouterr().err


def test_without_recorded_consent_it_builds_with_a_warning_and_does_not_push(build, rows, capsys):
    assert build([CONSENT, None]) == 0
    assert "1 of 2 recordings" in capsys.readouterr().err and len(rows()) == 2
    session_hub().reset()
    with pytest.raises(ConversationError, match="1 files may not leave"):
        build([CONSENT, None], "--push_to_hub", "tester/voices")
    assert session_hub().log == []


def test_what_is_consented_to_is_pushed_privately_with_its_card(build, rows):
    session_hub().reset()
    assert build([CONSENT, None], "--only_consented", "--push_to_hub", "tester/voices") == 0
    assert len(rows()) == 1
    assert session_hub().repos["dataset", "tester/voices"]["private"]
    pushed = session_hub().files("tester/voices", "dataset")
    assert {"README.md", "stats.json"} < set(pushed) and any(name.endswith(".parquet") for name in pushed)


def test_a_public_push_needs_consent_to_publication(build):
    with pytest.raises(ConversationError, match="leaves out publication"):
        build([CONSENT], "--push_to_hub", "tester/voices", "--public")


def test_a_push_that_fails_leaves_the_dataset_and_says_so(build, rows, capsys):
    session_hub().reset()
    session_hub().fail = ("create", 503)
    try:
        assert build([CONSENT], "--push_to_hub", "tester/voices") == 1
    finally:
        session_hub().reset()
    assert len(rows()) == 1 and "hf upload" in capsys.readouterr().err


def test_recordings_that_the_list_of_files_does_not_name_are_not_pushed(build, tmp_path):
    build([CONSENT, CONSENT])
    listed = (tmp_path / "voice/files.jsonl").read_text().splitlines()[0]
    session_hub().reset()
    with pytest.raises(ConversationError, match="1 files may not leave"):
        build([CONSENT, CONSENT], "--push_to_hub", "tester/voices", listed=listed + "\n")
    assert session_hub().log == []


def test_the_card_says_how_it_was_built_without_where(build, tmp_path, monkeypatch):
    given = ["x", "--input", "/mnt/ann/voice", "--names=/mnt/ann/names.txt", "--writer", "none", "--output", "set"]
    monkeypatch.setattr("sys.argv", given)
    assert build([CONSENT]) == 0
    text = (tmp_path / "set/README.md").read_text()
    assert "--input voice --names=names.txt --writer none --output set" in text and "/mnt" not in text


def test_a_writer_that_is_not_there_is_named(build, tmp_path):
    with pytest.raises(SystemExit, match="--writer .*no model there"):
        build([CONSENT], "--writer", str(tmp_path / "nowhere"))


def test_a_reader_is_needed_to_tell_what_is_empathetic(build):
    with pytest.raises(SystemExit):
        build([CONSENT], "--empathetic_only")
