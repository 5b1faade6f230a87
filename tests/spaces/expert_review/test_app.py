"""What the pages do for those who may: rate, correct themselves, adjudicate, hold the gate, load and export."""

import io
import json
import os
import subprocess
import sys
import zipfile

from pixel.benchmarks.review_server import APP
from tests.spaces.expert_review.people import GOOD, MARK, answer


def test_without_an_account_it_refuses_and_says_how_to_make_one(tmp_path):
    surroundings = os.environ | {"PIXEL_REVIEW_DB": str(tmp_path / "empty.db")}
    ended = subprocess.run([sys.executable, str(APP)], env=surroundings, capture_output=True, text=True, timeout=100)
    assert ended.returncode == 1
    assert "recipes/review.py account add NAME" in ended.stderr and str(tmp_path / "empty.db") in ended.stderr
    assert ended.stderr.count("\n") == 1 and ended.stderr.startswith("error:")


def test_an_item_is_shown_blind_and_as_text(callers):
    page, item_id, token = callers["rev_a"].next()
    assert MARK in page and item_id and token
    assert "<script" not in page and "<img" not in page and "${" not in page and "{{" not in page
    assert not any(name in page for name in ("rev_b", "rev_c", "adj_d"))


def test_the_same_item_comes_back_until_it_is_answered(callers):
    assert callers["rev_a"].next()[1:] == callers["rev_a"].next()[1:]


def test_a_rating_sent_twice_is_kept_once(callers):
    rev = callers["rev_a"]
    _, item_id, token = rev.next()
    for _ in range(2):
        assert "Saved" in rev.data("submit", item_id, token, answer(comment="once"))[0]
    assert rev.data("list_own")[0].count(f'data-v0="{item_id}"') == 1
    assert rev.next()[1] != item_id


def test_each_form_is_an_element_of_its_own_name_so_that_no_answer_is_carried_over(callers):
    first, second = callers["rev_a"].data("next")[0], callers["rev_a"].data("next")[0]
    assert first.startswith("<px-") and first.split()[0] != second.split()[0]


def test_an_unanswered_question_is_named_and_nothing_is_kept(callers):
    rev = callers["rev_a"]
    _, item_id, token = rev.next()
    missing = json.dumps({"ratings": {name: value for name, value in GOOD.items() if name != "empathy"}})
    reply = rev.call("submit", item_id, token, missing)
    assert reply.status_code == 500 and "empathy" in reply.json()["error"]
    assert rev.next()[1] == item_id


def test_a_comment_of_10001_characters_is_refused_in_words(callers):
    rev = callers["rev_a"]
    _, item_id, token = rev.next()
    error = rev.call("submit", item_id, token, answer(comment="x" * 10_001)).json()["error"]
    assert "10,001" in error and "10,000" in error


def test_a_skipped_item_is_not_offered_again(callers):
    rev = callers["rev_b"]
    _, item_id, token = rev.next()
    rev.data("skip", item_id, token, "I know this person")
    seen = set()
    for _ in range(3):
        _, other, token = rev.next()
        seen.add(other)
        rev.data("submit", other, token, answer())
    assert item_id not in seen


def test_a_rating_can_be_revised_by_its_owner_only(callers):
    own, other = callers["rev_a"], callers["rev_c"]
    theirs = other.data("list_own")[0]
    for _ in range(8):  # until it is one that the other has not rated in an earlier test
        _, item_id, token = own.next()
        own.data("submit", item_id, token, answer())
        if item_id not in theirs:
            break
    own.data("revise", item_id, answer(ratings=GOOD | {"empathy": 1}))
    assert "1 None" in own.data("list_own")[0]
    assert other.call("revise", item_id, answer()).status_code == 500


def test_adjudicators_decide_what_raters_differ_on_and_see_pseudonyms(callers):
    items = {}
    for name, value in (("rev_b", 1), ("rev_c", 5)):  # until both have rated one and the same item
        for _ in range(8):
            _, item_id, token = callers[name].next()
            if not item_id:
                break
            callers[name].data("submit", item_id, token, answer(ratings=GOOD | {"empathy": value}))
            items.setdefault(item_id, set()).add(name)
    adjudicator = callers["adj_d"]
    waiting = adjudicator.data("list_disagreements")[0]
    item_id = next(item_id for item_id, names in items.items() if len(names) == 2 and f'"{item_id}"' in waiting)
    page = adjudicator.data("open_disagreement", item_id)[1]
    assert "rev_b" not in page and "rev_c" not in page and "<mark>" in page and MARK in page
    adjudicator.data("adjudicate", item_id, answer())
    assert f'"{item_id}"' not in adjudicator.data("list_disagreements")[0]


def test_agreement_is_given_for_every_dimension(callers):
    page = callers["adj_d"].data("agreement")[0]
    assert all(word in page for word in ("Empathy", "Safety", "Appropriateness", "Clinical accuracy"))


def test_the_gate_shows_a_waiting_run_and_takes_one_verdict(callers, server):
    adjudicator = callers["adj_d"]
    page = adjudicator.data("gate")[1]
    assert "run-1-step-500" in page and "<b>warm" not in page
    assert adjudicator.call("verdict", "run-1-step-500", "perhaps", "").status_code == 500
    said, left = adjudicator.data("verdict", "run-1-step-500", "rollback", "safety fell")
    assert "roll back" in said and "run-1-step-500" not in left
    assert adjudicator.call("verdict", "run-1-step-500", "approve", "").status_code == 500
    from pixel.review import ReviewDatabase

    with ReviewDatabase(server.database, read_only=True) as store:
        assert store.verdict("run-1-step-500")["verdict"] == "rollback"


def upload(caller, lines: str) -> dict:
    path = caller.http.post("/gradio_api/upload", files={"files": ("new.jsonl", lines)}).json()[0]
    return {"path": path, "meta": {"_type": "gradio.FileData"}, "orig_name": "new.jsonl"}


def test_conversations_are_loaded_whole_or_not_at_all(callers):
    admin = callers["adm_e"]
    good = {"id": "late-1", "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    half = upload(admin, json.dumps(good) + "\n{not json}\n")
    error = admin.call("load", half, "conversation", 2).json()["error"]
    assert "Line 2" in error and "not json" not in error
    whole = upload(admin, json.dumps(good) + "\n")
    assert admin.data("load", whole, "conversation", 2)[0].count("1 new") == 1
    assert "0 new" in admin.data("load", upload(admin, json.dumps(good) + "\n"), "conversation", 2)[0]


def test_an_export_is_for_admins_only_and_holds_ratings(callers):
    said, link, _ = callers["adm_e"].data("export")
    place = "/" + link.split('href="')[1].split('"')[0]
    for name in (None, "rev_a", "adj_d"):
        assert callers[name].http.get(place).status_code == 403
    archive = zipfile.ZipFile(io.BytesIO(callers["adm_e"].http.get(place).content))
    assert {"ratings.jsonl", "sft.jsonl", "preferences.jsonl", "labels.jsonl", "README.md"} <= set(archive.namelist())
    assert len(archive.read("ratings.jsonl").splitlines()) >= 3


def test_nothing_is_kept_in_the_browser_and_nothing_else_is_open(callers):
    config = callers["rev_a"].config()
    assert config["run_history"] is False and config["analytics_enabled"] is False and config["mcp_server"] is False
    assert config["show_error"] is False
    assert all(one["api_visibility"] != "public" for one in config["dependencies"])
    reply = callers["rev_a"].http.get("/")
    assert (
        reply.headers["cache-control"] == "no-store"
        and "default-src 'self'" in reply.headers["content-security-policy"]
    )


def test_no_word_of_a_conversation_is_printed(server, callers):
    callers["rev_a"].next()
    assert MARK not in server.log.read_text(encoding="utf-8")
