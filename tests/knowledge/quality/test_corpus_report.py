from pixel.knowledge.quality import default_gates, defects
from pixel.knowledge.quality.corpus_report import as_markdown, corpus_report

ROW = {
    "messages": [
        {"role": "user", "content": "I keep waking at four."},
        {"role": "assistant", "content": "What goes through your mind then?"},
        {"role": "user", "content": "Work, mostly."},
        {"role": "assistant", "content": "What about work comes first?"},
    ],
    "intervention": [None, ["open_question"], None, ["open_question"]],
}


def test_a_sound_conversation_passes_every_gate():
    assert defects(ROW) == []


def test_gates_never_raise_on_broken_rows():
    broken = ({}, {"messages": None}, {"messages": [1, {"role": "user"}], "rationale": 3, "intervention": "x"})
    assert all(isinstance(defect.reason, str) for row in broken for defect in defects(row))


def test_gates_with_memory_do_not_share_it():
    first, second = default_gates(duplicates=True), default_gates(duplicates=True)
    assert defects(ROW, first) == [] and defects(ROW, second) == []
    assert {defect.kind for defect in defects(ROW, first)} == {"near_duplicate_opening", "near_duplicate"}


def test_the_report_counts_duplicates_techniques_and_defects():
    ends_on_client = {"messages": ROW["messages"][:3]}
    report = corpus_report([ROW, ROW, ends_on_client], scores={"rubric": [1.0, 2.0, 3.0]})
    assert report["conversations"] == 3 and round(report["duplicate_openings"], 3) == 0.667
    assert report["techniques"] == {"open_question": 1.0}
    assert report["defects"] == {"ends_on_client": 1, "too_short": 1} and round(report["defective"], 3) == 0.333
    assert report["scores"]["rubric"]["mean"] == 2.0
    assert "| duplicate openings | 0.6667 |" in as_markdown(report)


def test_an_empty_set_has_a_report():
    report = corpus_report([])
    assert report["conversations"] == 0 and report["duplicate_openings"] is None and report["turns"] is None
