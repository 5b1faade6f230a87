"""Training runs ask through a folder, people and ratings answer, and no answer is lost."""

import json

import pytest

from pixel.review import FileReviewStore, GatePolicy, ReviewDatabase, ReviewError, open_review
from pixel.review.mailbox import mailbox_folder
from tests.review.parts import GOOD, SECRET, rate, rows


def asked(review, id="run-step-5", shown=2, **more):
    """What a training run writes, from its own process: it knows the database's name and nothing else."""
    turns = [{"role": "user", "readouts": {"risk": 1}}, {"role": "assistant", "readouts": {}}]
    words = [{**turn, "text": f"words {n}"} for n, turn in enumerate(turns)]
    conversations = [{"row_id": str(n), "source": "seed", "turns": words if n < shown else turns} for n in range(3)]
    content = {"id": id, "step": 5, "reason": "every 5 steps", "conversations": conversations}
    return FileReviewStore(mailbox_folder(review.path)).request(content | more)


def answer(review, id="run-step-5"):
    return FileReviewStore(mailbox_folder(review.path)).verdict(id)


def test_a_run_asks_and_hears_the_verdict_of_an_adjudicator(review):
    assert review.pending() == []
    asked(review)
    (waiting,) = review.pending()
    assert (waiting["id"], waiting["step"], len(waiting["panel"])) == ("run-step-5", 5, 2)
    assert answer(review) is None
    review.give_verdict("judge", "run-step-5", "rollback", "too cold")
    assert answer(review)["verdict"] == "rollback" and answer(review)["comment"] == "too cold"
    assert review.pending() == [] and review.verdict("run-step-5") == answer(review)
    assert [one["kind"] for one in review.audit(1)] == ["gate_answered"]


def test_a_reader_sees_requests_that_nobody_has_taken_in(review):
    asked(review)
    with ReviewDatabase(review.path, read_only=True) as reader:
        assert [(one["id"], one["at"]) for one in reader.pending()] == [("run-step-5", None)]
        review.pending()
        assert [one["at"] for one in reader.pending()] == [review.clock.now]


def test_the_first_verdict_stands(review):
    asked(review)
    review.give_verdict("judge", "run-step-5", "approve")
    review.give_verdict("judge", "run-step-5", "approve")  # a second click
    with pytest.raises(ReviewError, match="verdict already: approve"):
        review.give_verdict("root", "run-step-5", "reject")
    assert answer(review)["verdict"] == "approve"


def test_only_adjudicators_and_admins_free_a_run(review):
    asked(review)
    for name in ("ann", "nobody"):
        with pytest.raises(ReviewError):
            review.give_verdict(name, "run-step-5", "approve")
    for id in ("run-step-6", "../run-step-5", None, "' OR 1=1"):
        with pytest.raises(ReviewError, match="no such request"):
            review.give_verdict("judge", id, "approve")
    with pytest.raises(ReviewError, match="approve, reject, rollback"):
        review.give_verdict("judge", "run-step-5", "perhaps")
    assert answer(review) is None


def test_only_conversations_whose_words_may_be_read_are_rated_and_they_come_first(review):
    review.add_items(rows(1), overlap=1)
    asked(review, shown=1)
    review.pending()
    assert review.progress()["items"] == 2
    given = review.next_item("ann")
    assert given.item_id == "run-step-5:1" and given.readouts == [{"risk": 1}, {}] and given.source == "seed"


def test_a_rater_finds_a_waiting_run_without_anybody_looking_at_the_gate(review, clock):
    assert review.next_item("ann") is None
    asked(review)
    clock.now += 6
    assert review.next_item("ann").item_id == "run-step-5:1"


def test_one_veto_rejects_at_once_and_nobody_is_asked_further(review):
    asked(review)
    review.pending()
    rate(review, "ann", safety=1)
    assert answer(review)["verdict"] == "reject" and answer(review)["reviewer"] == "policy"
    assert "run-step-5:1" in answer(review)["comment"]
    assert review.next_item("ben") is None
    with pytest.raises(ReviewError, match="verdict already"):
        review.give_verdict("judge", "run-step-5", "approve")


def test_by_default_good_ratings_alone_approve_nothing(review):
    asked(review)
    review.pending()
    for name in ("ann", "ben"):
        while rate(review, name):
            pass
    (waiting,) = review.pending()
    assert all(one["complete"] and not one["veto"] for one in waiting["panel"]) and answer(review) is None


@pytest.mark.parametrize(("worst", "says"), [(3, "approve"), (2, None), (None, None)])
def test_a_policy_approves_only_where_every_conversation_holds_its_floor(tmp_path, worst, says):
    with ReviewDatabase(tmp_path / "r.db", policy=GatePolicy(approve=True, overlap=1)) as database:
        database.add_reviewer("ann", SECRET)
        asked(database, shown=3)
        database.pending()
        for appropriateness in (5, 5, worst):
            assert answer(database) is None
            rate(database, "ann", appropriateness=appropriateness)
        assert (answer(database) or {}).get("verdict") == says


@pytest.mark.parametrize(
    "text",
    [
        "{on_veto: shrug}", "{colour: red}", "yes", "{", "{approve: maybe}", "{floors: 3}", "{overlap: 0}",
        "{overlap: many}", "{rubric: none}", "{floors: {kindness: 3}}", "{floors: {empathy: high}}",
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_is_refused(text):
    with pytest.raises(ReviewError, match="Mend"):
        GatePolicy.read(text)


def test_a_server_takes_its_policy_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXEL_REVIEW_POLICY", "{approve: true, on_veto: rollback}")
    with open_review(tmp_path / "r.db") as database:
        assert database.policy == GatePolicy(on_veto="rollback", approve=True)


def test_a_verdict_that_was_kept_and_not_written_is_written_at_the_next_opening(review, monkeypatch):
    asked(review)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileReviewStore, "give", full)
    with pytest.raises(ReviewError, match="kept but not delivered"):
        review.give_verdict("judge", "run-step-5", "approve")
    monkeypatch.undo()
    assert answer(review) is None
    review.close()
    ReviewDatabase(review.path).close()
    assert answer(review)["verdict"] == "approve"


def test_a_verdict_written_by_hand_is_taken_in(review):
    asked(review)
    FileReviewStore(mailbox_folder(review.path)).give("run-step-5", "reject", reviewer="dr_k")
    assert review.pending() == [] and review.verdict("run-step-5")["reviewer"] == "dr_k"


def test_what_lies_in_the_mailbox_and_is_no_request_does_no_harm(review):
    folder = mailbox_folder(review.path)
    (folder / "a.request.json").write_text("{")
    (folder / "b.request.json").write_text(json.dumps({"id": "c"}))
    (folder / "run-step-5.verdict.json").write_text("{approve}")
    asked(review, conversations="none")
    asked(review, id="run-step-6", conversations=[None, {}, {"turns": [{"text": 7, "role": "user"}]}, {"turns": []}])
    assert [one["id"] for one in review.pending()] == ["run-step-5", "run-step-6"]
    assert review.progress()["items"] == 0
    review.give_verdict("judge", "run-step-5", "approve")
    assert answer(review)["verdict"] == "approve"


def test_a_run_in_the_same_process_may_ask_the_database_itself(review):
    id = review.request({"step": 7})
    assert review.request({"id": id, "step": 8}) == id and review.verdict(id) is None
    assert [one["step"] for one in review.pending()] == [7]
    with pytest.raises(ReviewError, match="leave the id out"):
        review.request({"id": "../up"})


def test_a_late_rating_of_a_decided_request_is_still_kept(review):
    asked(review, shown=1)
    review.pending()
    given = review.next_item("ann")
    review.give_verdict("judge", "run-step-5", "approve")
    review.submit("ann", given.item_id, given.token, GOOD | {"safety": 1})
    assert answer(review)["verdict"] == "approve" and review.consensus(given.item_id)["veto"]


@pytest.mark.parametrize(
    "text", ['{"id": "odd", "step": NaN}', '{"id": "odd", "x": "\\ud800"}', '{"id": "odd", "x": 1e999}']
)
def test_what_cannot_be_kept_stops_neither_raters_nor_the_next_opening(review, text):
    (mailbox_folder(review.path) / "odd.request.json").write_text(text)
    asked(review)
    assert [one["id"] for one in review.pending()] == ["run-step-5"]
    (mailbox_folder(review.path) / "run-step-5.verdict.json").write_text(
        '{"verdict": "approve", "comment": "\\ud800"}'
    )
    assert [one["id"] for one in review.pending()] == ["run-step-5"]
    review.close()
    ReviewDatabase(review.path).close()


def test_a_conversation_whose_id_is_taken_is_not_offered_and_its_run_still_waits(review):
    review.add_items([rows(1)[0] | {"id": "run-step-5:1"}], overlap=1)
    asked(review)
    (waiting,) = review.pending()
    assert [one["item_id"] for one in waiting["panel"]] == ["run-step-5:2"]


def test_an_opening_that_fails_at_the_mailbox_lets_the_database_go(review, monkeypatch):
    review.close()

    def full(*_):
        raise ReviewError("the verdict is kept but not delivered")

    monkeypatch.setattr(ReviewDatabase, "_deliver", full)
    with pytest.raises(ReviewError, match="not delivered"):
        ReviewDatabase(review.path)
    monkeypatch.undo()
    ReviewDatabase(review.path).close()
