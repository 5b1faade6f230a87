from datasets_scripts.counselchat import rows
from datasets_scripts.html_text import plain_text
from pixel.data.builder import write_corpus
from pixel.data.parquet import load_folder

COLUMNS = "questionID questionTitle questionText topics therapistName answerText"


def write(raw, *answers):
    return raw("counselchat/counselchat.csv", COLUMNS, list(answers))


def test_topics_become_weak_labels_over_the_table_only(raw, named):
    root = write(
        raw,
        ("q1", "Low mood", "I cannot get up.", "Depression,Marriage ", "Dr. Ann Lee, LMFT", "<p>Be kind to you.</p>"),
        ("q1", "Low mood", "I cannot get up.", "", "Bo Day", "<p>Talk to someone</p>"),
        ("q2", "My phone", "", "Addiction", "Bo Day", "Put it away"),
    )
    first, second, third = rows(root)
    assert [message["content"] for message in first["messages"]] == ["Low mood\nI cannot get up.", "Be kind to you."]
    assert named("dsm", first["dsm"][0]) == {
        "major_depressive_disorder": 1, "generalized_anxiety_disorder": 0, "posttraumatic_stress_disorder": 0,
        "insomnia_disorder": 0, "major_neurocognitive_disorder": 0,
    }  # fmt: skip
    assert first["dsm"][1] is None and second["dsm"] is None
    assert set(named("dsm", third["dsm"][0]).values()) == {0}  # addiction is near many categories: all unknown
    assert first["group"] == second["group"] == "q1" and first["id"] != second["id"]
    assert first["persona_mode"] == [None, 0] and first["learn"] is None


def test_pairs_without_text_are_left_out(raw):
    root = write(raw, ("q1", "A", "B", "", "Bo Day", "<p><br></p>"), ("q2", "", "", "", "Bo Day", "Hello"))
    assert list(rows(root)) == []


def test_the_counsellors_name_leaves_the_answer(raw, tmp_path):
    from datasets_scripts.counselchat import CORPUS

    root = write(
        raw, ("q1", "A", "I am sad", "Grief and Loss", "Dr. Ann B. Lee, LMFT", "<p>Be well.</p><p>Ann Lee</p>")
    )
    splits = load_folder(write_corpus(CORPUS, rows, root, tmp_path / "out", validation=0), tmp_path / "cache")
    assert splits["train"][0]["messages"][1]["content"] == "Be well.\n[NAME]"


def test_html_becomes_lines_of_text():
    html = "<style>p {x}</style><p>It&nbsp;helps\nto <b>talk</b>.<br>Really &amp; truly.</p><ul><li>one</li></ul>"
    assert plain_text(html) == "It helps to talk.\nReally & truly.\none"
    assert plain_text("I feel < 50% & tired") == "I feel < 50% & tired"
