import json

import numpy as np
import pytest
import soundfile

from pixel.benchmarks.voice.references import errors, references

pytest.importorskip("jiwer")


def test_each_error_counts_with_the_utterance_it_is_in():
    found = errors(["the gate stood open", "nobody came in"], "the gates stood open wide nobody in")
    assert found.words.tolist() == [4, 3]
    assert found.substituted.tolist() == [1, 0]  # gates
    assert found.deleted.tolist() == [0, 1]  # came
    assert found.inserted.sum() == 1  # wide


def test_the_sum_over_utterances_is_the_word_error_rate_of_jiwer():
    import jiwer

    texts = ["we went along the river", "it was late and cold", "nobody spoke"]
    heard = "we went a long river it was late an cold and nobody spoke to us"
    found = errors(texts, heard)
    assert found.wrong.sum() / found.words.sum() == pytest.approx(jiwer.wer(" ".join(texts), heard))


def test_case_marks_and_contractions_are_no_errors():
    assert errors(["I will not go, Mister Hale."], "i won't go mr. hale").wrong.sum() == 0


def test_what_is_there_is_read_and_nothing_at_all_is_an_error(tmp_path):
    (tmp_path / "speech").mkdir()
    with pytest.raises(FileNotFoundError, match="no recordings.*Mend"):
        references(tmp_path)
    soundfile.write(tmp_path / "speech" / "ami_ES2003a_0-30s.flac", np.zeros(16_000), 16_000)
    turns = [{"text": "Okay."}, {"text": "Go on."}]
    (tmp_path / "speech" / "ami_ES2003a_0-30s.json").write_text(json.dumps(turns))
    found = references(tmp_path)
    assert [(one.texts, len(one.samples)) for one in found] == [(("Okay.", "Go on."), 16_000)]
