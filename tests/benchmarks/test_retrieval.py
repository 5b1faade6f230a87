import json

import numpy as np
import pytest

from pixel.benchmarks.retrieval_latency import latency_markdown, retrieval_latency
from pixel.benchmarks.retrieval_quality import quality_markdown, reciprocal_ranks, retrieval_quality
from tests.knowledge.retrieval.conftest import PASSAGES, WordEncoder

pytest.importorskip("faiss"), pytest.importorskip("bm25s")


@pytest.fixture
def data_root(tmp_path):
    """The corpora's files in miniature, of invented sentences."""
    for folder in ("medquad_mh", "counselchat", "goemotions", "empatheticdialogues"):
        (tmp_path / folder).mkdir()
    rows = [{"question": f"What about {key}, {text.split()[0]}?", "answer": text} for key, text in PASSAGES.items()]
    (tmp_path / "medquad_mh" / "medquad_mh.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    lines = ["questionTitle,questionText,answerText"]
    lines += [f'{key},"<p>Help with {text.split()[1]}</p>","<b>{text}</b>"' for key, text in PASSAGES.items()]
    (tmp_path / "counselchat" / "counselchat.csv").write_text("\n".join(lines))
    remarks = [f"remark {number} about thing {number % 7}\t0\tid" for number in range(40)]
    (tmp_path / "goemotions" / "train.tsv").write_text("\n".join(remarks[:20]))
    (tmp_path / "goemotions" / "dev.tsv").write_text("\n".join(remarks[20:]))
    (tmp_path / "empatheticdialogues" / "dialogues.csv").write_text("Text\nyes_comma_ well\nno\n")
    return tmp_path


def test_reciprocal_ranks_by_hand():
    fused = reciprocal_ranks(np.array([0.9, 0.5, 0.1]), np.array([0.1, 0.9, 0.5]))
    np.testing.assert_allclose(fused, [1 / 61 + 1 / 63, 1 / 62 + 1 / 61, 1 / 63 + 1 / 62])


def test_quality_is_measured_on_every_set_that_is_there(data_root, monkeypatch):
    def not_installed():
        raise ImportError("simple_icd_10_cm")

    monkeypatch.setattr("pixel.benchmarks.retrieval_sets.icd_terms", not_installed)
    result = retrieval_quality(str(data_root), WordEncoder(), data_root / "cache")
    rows = {row["set"]: row for row in result["sets"]}
    assert set(rows) == {"MedQuAD mental health", "CounselChat"}
    assert rows["MedQuAD mental health"]["queries"] == rows["CounselChat"]["passages"] == len(PASSAGES)
    assert all(0 < rows["CounselChat"][name] <= 1 for name in ("bm25", "dense", "rrf", "pixel"))
    assert "| CounselChat |" in quality_markdown(result)


def test_latency_is_measured_also_with_more_vectors_than_sentences(data_root):
    result = retrieval_latency(str(data_root), WordEncoder(), data_root / "cache", [30, 90], queries=10)
    assert [row["vectors"] for row in result["rows"]] == [30, 90]
    assert result["real"] == 32 and all(row["recall"] >= 0.95 for row in result["rows"])
    assert "| 90 |" in latency_markdown(result)
