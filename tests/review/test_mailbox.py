"""Requests and verdicts in a folder: whole files, readable or named."""

import json
import os

import pytest

from pixel.review.mailbox import FileReviewStore, VerdictError


def test_a_request_is_one_file_and_an_id(tmp_path):
    store = FileReviewStore(tmp_path / "reviews")
    id = store.request({"id": "run-step-5", "step": 5})
    assert id == "run-step-5" and store.request({"step": 6}) != store.request({"step": 6})
    assert json.loads((tmp_path / "reviews" / "run-step-5.request.json").read_text()) == {"id": id, "step": 5}
    assert not [name for name in os.listdir(tmp_path / "reviews") if "partial" in name]


def test_asking_again_keeps_the_first_request_and_its_verdict(tmp_path):
    store = FileReviewStore(tmp_path)
    store.request({"id": "a", "n": 1})
    store.give("a", "approve", reviewer="k")
    assert store.request({"id": "a", "n": 2}) == "a"
    assert json.loads((tmp_path / "a.request.json").read_text())["n"] == 1
    assert store.verdict("a") == {"verdict": "approve", "reviewer": "k"}


def test_no_verdict_is_none(tmp_path):
    assert FileReviewStore(tmp_path).verdict("a") is None


@pytest.mark.parametrize("content", [b"", b"{", b'"approve"', b'{"verdict": "maybe"}', b"{}", b"\xff\xfe", b"[]"])
def test_a_verdict_that_cannot_be_read_is_named(tmp_path, content):
    (tmp_path / "a.verdict.json").write_bytes(content)
    with pytest.raises(VerdictError, match=r"a\.verdict\.json.*Mend"):
        FileReviewStore(tmp_path).verdict("a")


@pytest.mark.parametrize("id", ["../a", "a/b", ".hidden", "a b", "a" * 200])
def test_an_id_cannot_leave_the_folder(tmp_path, id):
    store = FileReviewStore(tmp_path)
    with pytest.raises(ValueError, match="review id"):
        store.request({"id": id})
    with pytest.raises(ValueError, match="review id"):
        store.verdict(id)


def test_a_verdict_of_another_name_cannot_be_given(tmp_path):
    with pytest.raises(VerdictError):
        FileReviewStore(tmp_path).give("a", "perhaps")


def test_requests_are_listed_oldest_first_and_what_is_none_is_passed_over(tmp_path):
    store = FileReviewStore(tmp_path)
    for age, id in ((30, "late"), (60, "early"), (90, "known")):
        store.request({"id": id})
        os.utime(tmp_path / f"{id}.request.json", (1_000_000 - age, 1_000_000 - age))
    (tmp_path / "broken.request.json").write_text("{")
    (tmp_path / "list.request.json").write_text("[]")
    (tmp_path / "other.request.json").write_text('{"id": "early"}')
    assert [one["id"] for one in store.requests(known={"known"})] == ["early", "late"]


def test_a_request_that_json_cannot_hold_leaves_nothing_behind(tmp_path):
    store = FileReviewStore(tmp_path)
    for value in (float("nan"), "\ud800"):
        with pytest.raises(ValueError):
            store.request({"id": "a", "value": value})
    assert os.listdir(tmp_path) == []
