"""What reviewers taught leaves the house de-identified, in files that training reads."""

import json

import pytest

from pixel.data.files import load_conversations
from pixel.review import ReviewError, push_export
from pixel.review.export import load_export
from tests.hub_standin import session_hub
from tests.review.parts import GOOD, rate, rows


@pytest.fixture
def exported(review, tmp_path):
    """Three items: one corrected by two people, one vetoed and decided, one without enough context."""
    made = rows(3, source="seed", licence="CC0-1.0")
    made[0]["messages"][0]["content"] = "I am at ann.lee@example.org, my name is Ann Lee."
    review.add_items(made, overlap=2)
    for name, edit in (("ann", "That sounds hard; call 212-555-0187."), ("ben", "I hear you.")):
        given = review.next_item(name)
        said = GOOD | {"appropriateness": 3 if name == "ann" else 4}
        review.submit(name, "0", given.token, said, comment="Mail cleo or me@x.org", edits={1: edit})
    rate(review, "ann", safety=1, appropriateness=1)
    rate(review, "ben", safety=4, appropriateness=5)
    review.adjudicate("judge", "1", GOOD | {"appropriateness": 2, "safety": 1})
    for name in ("ann", "ben"):
        given = review.next_item(name)
        review.submit(name, "2", given.token, GOOD, missing_context=name == "ann")
    files = review.export(tmp_path / "out", by="root")
    lines = {kind: file.read_text() for kind, file in files.items()}
    return files, {kind: [json.loads(line) for line in lines[kind].splitlines()] for kind in lines if kind != "card"}


def test_nothing_that_points_at_a_person_is_left(exported):
    files, _ = exported
    everything = "".join(file.read_text() for file in files.values())
    for trace in ("ann.lee", "Ann Lee", "212-555", "me@x.org", "cleo", '"ann"', '"ben"', "judge"):
        assert trace not in everything, trace
    for kept in ("[EMAIL]", "[NAME]", "[PHONE]", "R01", "R04"):
        assert kept in everything, kept


def test_corrections_are_rows_of_the_schema_whose_last_reply_alone_is_learnt(exported):
    files, rows_of = exported
    assert [row["messages"][-1]["content"] for row in rows_of["sft"]] == [
        "That sounds hard; call [PHONE].", "I hear you.",
    ]  # fmt: skip
    assert [row["learn"] for row in rows_of["sft"]] == [[False, True]] * 2
    assert {row["group"] for row in rows_of["sft"]} == {"0"}
    assert rows_of["sft"][0]["licence"] == "CC0-1.0" and rows_of["sft"][0]["source"] == "review:seed"
    assert load_conversations(str(files["sft"]), validation=0.0)["train"].num_rows == 2


def test_preferences_set_the_correction_against_what_the_model_said(exported):
    _, rows_of = exported
    first = rows_of["preferences"][0]
    assert first["rejected"] == [{"role": "assistant", "content": "I see."}]
    assert first["chosen"][0]["content"].startswith("That sounds hard") and len(first["prompt"]) == 1
    assert first["provenance"]["reviewer"] == "R01" and first["provenance"]["item"] == "0"


def test_labels_are_what_the_ratings_come_to_on_the_replies(exported):
    files, rows_of = exported
    # item 0: the median of 3 and 4 on a scale from 1 to 5; item 1: the adjudicator's 2; item 2: half lacked context
    found = {row["id"]: row["appropriateness"] for row in rows_of["labels"]}
    assert found == {"0": [None, [(3.5 - 1) / 4]], "1": [None, [(2 - 1) / 4]]}
    assert all(row["learn"] == [False, False] for row in rows_of["labels"])
    assert load_conversations(str(files["labels"]), validation=0.0)["train"].num_rows == 2


def test_every_rating_is_there_with_what_its_item_comes_to(exported):
    _, rows_of = exported
    assert [(row["item"], row["reviewer"], row["kind"]) for row in rows_of["ratings"]] == [
        ("0", "R01", "rating"), ("0", "R02", "rating"), ("1", "R01", "rating"), ("1", "R02", "rating"),
        ("1", "R04", "adjudication"), ("2", "R01", "rating"), ("2", "R02", "rating"),
    ]  # fmt: skip
    assert [row["veto"] for row in rows_of["ratings"]] == [False] * 2 + [True] * 3 + [False] * 2
    assert all("messages" not in row for row in rows_of["ratings"])


def test_it_is_a_dataset_with_a_card(exported):
    files, _ = exported
    data = load_export(files["card"].parent)
    assert {name: split.num_rows for name, split in data.items()} == {
        "sft": 2, "preferences": 2, "labels": 2, "ratings": 7,
    }  # fmt: skip
    card = files["card"].read_text()
    assert "config_name: preferences" in card and "CC0-1.0 (7)" in card and "Krippendorff" in card


def test_it_goes_to_the_hub_as_a_private_dataset(exported):
    files, _ = exported
    session_hub().reset()
    push_export(files["card"].parent, "tester/reviews")
    assert session_hub().repos["dataset", "tester/reviews"]["private"]
    assert {"README.md", "sft.jsonl", "ratings.jsonl"} <= set(session_hub().files("tester/reviews", "dataset"))


def test_an_empty_review_exports_and_says_that_there_is_nothing_to_load(review, tmp_path):
    review.add_items(rows(1))
    files = review.export(tmp_path / "out")
    assert "Nothing was rated yet" in files["card"].read_text() and files["sft"].read_text() == ""
    with pytest.raises(ReviewError, match="nothing was rated"):
        load_export(tmp_path / "out")


def test_only_an_admin_exports_from_a_page_and_it_is_told(review, tmp_path):
    for by in ("ann", "judge"):
        with pytest.raises(ReviewError, match="for admins"):
            review.export(tmp_path / "out", by=by)
    assert not (tmp_path / "out").exists()
    review.export(tmp_path / "out", by="root")
    assert [(one["kind"], one["who"]) for one in review.audit(1)] == [("exported", "root")]
    (tmp_path / "file").write_text("")
    with pytest.raises(ReviewError, match="Mend"):
        review.export(tmp_path / "file")


def test_a_preference_needs_a_prompt_and_a_difference_that_is_left_after_deidentifying(review, tmp_path):
    replies = ("I am here.", "Write to a@example.org.")
    said = [{"role": "assistant", "content": replies[0]}, {"role": "user", "content": "Hi"}]
    review.add_items([{"id": "0", "messages": [*said, {"role": "assistant", "content": replies[1]}]}], overlap=1)
    given = review.next_item("ann")
    review.submit("ann", "0", given.token, GOOD, edits={0: "Good to see you.", 2: "Write to b@example.org."})
    files = review.export(tmp_path / "out")
    assert files["preferences"].read_text() == "" and len(files["sft"].read_text().splitlines()) == 2
