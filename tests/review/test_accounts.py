"""Who may sign in, how often somebody may guess, and who may do what."""

import threading

import pytest

from pixel.review import ReviewDatabase, ReviewError
from pixel.review.passwords import hashed, matches
from tests.review.parts import SECRET


def test_a_new_database_has_nobody(tmp_path):
    with ReviewDatabase(tmp_path / "r.db") as database:
        assert not database.has_accounts() and database.reviewers() == [] and database.sign_in("ann", SECRET) is None


def test_signing_in_gives_the_account_whatever_the_case_of_the_name(review):
    found = review.sign_in("ANN", SECRET)
    assert (found.name, found.role, found.pseudonym, found.may_adjudicate) == ("ann", "reviewer", "R01", False)
    assert review.sign_in("ann", SECRET + "x") is None and review.sign_in("nobody", SECRET) is None


@pytest.mark.parametrize(
    "name", ["", "a", "a b", "../x", "x" * 65, "<b>x</b>", "x\n", "x'; DROP TABLE items", None, 7]
)
def test_a_name_that_is_none_is_refused(review, name):
    with pytest.raises(ReviewError, match="Mend"):
        review.add_reviewer(name, SECRET)
    assert review.sign_in(str(name), SECRET) is None


def test_a_name_is_taken_once(review):
    with pytest.raises(ReviewError, match="taken"):
        review.add_reviewer("Ann", SECRET)


def test_short_passwords_and_unknown_roles_are_refused(review):
    with pytest.raises(ReviewError, match="10 to 256"):
        review.add_reviewer("dora", "short")
    with pytest.raises(ReviewError, match="reviewer, adjudicator, admin"):
        review.add_reviewer("dora", SECRET, "king")


def test_passwords_are_salted_and_never_stored(review):
    assert hashed(SECRET) != hashed(SECRET) and matches(SECRET, hashed(SECRET))
    assert not matches("", hashed(SECRET)) and not matches("\0" * 20, None)
    for file in review.path.parent.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()


def test_after_five_wrong_tries_even_the_right_password_waits(review, clock):
    for _ in range(5):
        assert review.sign_in("ann", "wrong password") is None
    assert review.sign_in_wait("ann") == 5.0 and review.sign_in("ann", SECRET) is None
    assert review.sign_in_wait("ben") == 0.0 and review.sign_in("ben", SECRET) is not None
    clock.now += 5.1
    assert review.sign_in("ann", SECRET) is not None
    assert review.sign_in_wait("ann") == 0.0


def test_each_further_wrong_try_doubles_the_wait_and_a_restart_does_not_forget(review, clock):
    waits = []
    for _ in range(13):
        clock.now += review.sign_in_wait("ann")
        assert review.sign_in("ann", "wrong password") is None
        waits.append(review.sign_in_wait("ann"))
    assert waits[:8] == [0, 0, 0, 0, 5, 10, 20, 40] and max(waits) == 300
    path = review.path
    review.close()
    with ReviewDatabase(path, clock=clock) as again:
        assert again.sign_in_wait("ann") == 300 and again.sign_in("ann", SECRET) is None


def test_guesses_sent_at_once_are_counted_too(review):
    looked_at = []
    threads = [
        threading.Thread(target=lambda: looked_at.append(review.sign_in("ann", "guess" * 3))) for _ in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert review._row("SELECT count FROM failures WHERE name = 'ann'")[0] == 5


def test_who_is_closed_cannot_sign_in_and_gives_claims_back(review):
    review.add_items([{"id": "1", "messages": [{"role": "user", "content": "Hi"}]}], overlap=1)
    assert review.next_item("ann") is not None and review.next_item("ben") is None
    review.deactivate("ann", by="root")
    assert review.reviewer("ann") is None and review.sign_in("ann", SECRET) is None
    assert review.next_item("ben") is not None
    with pytest.raises(ReviewError, match="not active"):
        review.next_item("ann")


def test_only_an_admin_makes_and_closes_accounts(review):
    for by in ("ann", "judge", "nobody"):
        with pytest.raises(ReviewError):
            review.add_reviewer("dora", SECRET, "admin", by=by)
        with pytest.raises(ReviewError):
            review.deactivate("ben", by=by)
        with pytest.raises(ReviewError):
            review.set_password("ben", "another password", by=by)
    with pytest.raises(ReviewError, match="last admin"):
        review.deactivate("root", by="root")
    review.set_password("ann", "another password", by="ann")
    assert review.sign_in("ann", SECRET) is None and review.sign_in("ann", "another password") is not None
