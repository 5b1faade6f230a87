"""Symptoms read from text, with an encoder of word counts in place of MiniLM."""

import zlib

import numpy as np
import pytest

from pixel.clinical.differential.reader_fit import fit_reader, retold, training_sentences
from pixel.clinical.differential.reading import SymptomReader, clauses
from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.loading import load_knowledge
from tests.knowledge.parts import category, symptom, write_base

WAYS = {
    "worry": ["I fret over bills and storms", "fretting about storms all day", "storms and bills make me fret",
              "I fret about every storm", "bills bills and fretting", "fret fret fret over storms"],
    "sleepless": ["I lie awake until dawn", "awake in bed until dawn", "dawn comes and I am awake",
                  "lying awake every night till dawn", "awake at dawn again", "I stay awake in bed"],
}  # fmt: skip
DENIALS = {"worry": ["storms and bills do not make me fret"], "sleepless": ["I am never awake at dawn in bed"]}


class WordCounts:
    """Words hashed into 256 places, length 1."""

    def encode(self, texts, progress=False):
        out = np.zeros((len(texts), 256), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().replace(".", " ").replace(",", " ").split():
                out[row, zlib.crc32(word.encode()) % 256] += 1
        return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    symptoms = [symptom(name) | {"phrasings": ways, "absent": DENIALS[name]} for name, ways in WAYS.items()]
    base = load_knowledge(write_base(folder, [category("one", list(WAYS), "two"), category("two", ["worry"], "one")],
                                     symptoms))  # fmt: skip
    right = fit_reader(base, WordCounts(), folder / "fold.safetensors", without=0)
    assert fit_reader(base, WordCounts(), folder / "reader.safetensors") is None
    return folder, base, right


@pytest.fixture(scope="module")
def reader(place):
    return SymptomReader(place[1], WordCounts(), place[0] / "reader.safetensors")


def test_the_fit_reports_what_it_reached_on_phrasings_left_out(place):
    assert 0.5 < place[2] <= 1


def test_two_symptoms_in_one_sentence_are_both_read_with_their_time(reader):
    picture = reader.read("For three weeks I lie awake until dawn, and I fret over bills and storms.")
    assert {"worry", "sleepless"} <= set(picture.findings)
    assert picture.findings["sleepless"].present and picture.findings["sleepless"].days == 21 and picture.days == 21


def test_a_denial_is_read_as_one(reader):
    finding = reader.read("Storms and bills do not make me fret.").findings["worry"]
    assert not finding.present


def test_ordinary_talk_and_other_languages_hold_no_sure_symptom(reader):
    for text in ("Please write a function that sorts numbers.", "今日は天気がいいですね。"):
        assert all(finding.probability < 0.5 for finding in reader.read(text).findings.values())


def test_topics_are_log_probabilities_over_all_categories(reader):
    topics = reader.read("I lie awake until dawn.").topics
    assert set(topics) == {"one", "two"}
    assert sum(np.exp(value) - 1e-3 for value in topics.values()) == pytest.approx(1, abs=1e-3)
    assert topics["one"] > topics["two"]  # only the first asks for sleeplessness


def test_no_text_is_refused_and_a_very_long_one_is_read_in_part(reader):
    with pytest.raises(KnowledgeError, match="there is no text"):
        reader.read(" \n")
    assert reader.read("I lie awake until dawn. " + "word " * 30_000).findings


def test_weights_of_another_base_are_refused(place, tmp_path):
    changed = [symptom(name) for name in WAYS]
    other = load_knowledge(write_base(tmp_path, [category("one", list(WAYS), "one")], changed))
    with pytest.raises(KnowledgeError, match="fitted on another knowledge base.*Mend"):
        SymptomReader(other, WordCounts(), place[0] / "reader.safetensors")
    with pytest.raises(KnowledgeError, match="file not found"):
        SymptomReader(other, WordCounts(), tmp_path / "none.safetensors")


def test_clauses_are_read_beside_their_sentence():
    found = clauses("I lie awake all night, and I fret over bills. Yes.")
    assert [part for part, _ in found] == [
        "I lie awake all night, and I fret over bills.", "I lie awake all night", "I fret over bills.", "Yes.",
    ]  # fmt: skip


def test_a_clinician_retells_in_the_third_person():
    assert retold("I have lost my keys and I'm tired.", "she") == "She has lost her keys and she is tired."
    assert retold("It scares me.", "he") == "It scares him."


def test_a_phrasing_and_its_retellings_are_in_one_fold(place):
    texts, marks, folds = training_sentences(place[1], ["hello there"])
    assert len(texts) == len(marks) == len(folds) == 2 * (6 * 3 + 2) + 1 + 1  # a criterion asks for worry alone
    assert folds[:3] == [0, 0, 0] and folds[18:20] == [-1, -1] and marks[-1] == 2
