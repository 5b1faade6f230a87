"""Machines agree on attempts and ports through files; the first decides."""

import threading

import pytest

from pixel.orchestration import Nodes
from tests.orchestration.parts import LIMITS, kinds, supervisor

NEVER = bool  # bool() is False: nobody asks to stop


def test_followers_join_the_attempt_that_the_first_announces(tmp_path):
    first, second = Nodes(tmp_path, 2, 0), Nodes(tmp_path, 2, 1)
    number, port = first.begin(1, NEVER)
    assert second.begin(9, NEVER) == (number, port) == (1, port)
    assert Nodes(tmp_path, 2, 1).begin(1, NEVER) == (1, port)  # a follower that was replaced joins it too


def test_a_base_port_is_counted_up_by_attempts(tmp_path):
    first = Nodes(tmp_path, 2, 0, base_port=29500)
    assert [first.begin(number, NEVER) for number in (3, 104)] == [(3, 29503), (104, 29504)]


def test_a_followers_failure_ends_the_attempt_everywhere_and_the_next_is_joined_by_all(tmp_path):
    first, second, third = (Nodes(tmp_path, 3, rank) for rank in range(3))
    first.begin(1, NEVER)
    second.begin(1, NEVER), third.begin(1, NEVER)
    assert not any(node.called_off(1) for node in (first, second, third))
    second.failed(1)
    assert first.called_off(1) and not third.called_off(1)
    assert first.begin(2, NEVER)[0] == 2
    assert third.called_off(1) and not first.called_off(2)
    assert second.begin(2, NEVER)[0] == third.begin(2, NEVER)[0] == 2


def test_the_end_is_heard_by_all_and_does_not_spoil_the_next_run(tmp_path):
    first, second = Nodes(tmp_path, 2, 0), Nodes(tmp_path, 2, 1)
    first.begin(1, NEVER), second.begin(1, NEVER)
    first.over("gave up", 1)
    assert second.called_off(1) and second.begin(2, NEVER) is None and second.outcome() == ("gave up", 1)
    again = Nodes(tmp_path, 2, 1)  # waits for something new, also when it comes before the first
    number, port = Nodes(tmp_path, 2, 0).begin(2, NEVER)
    assert number > 2 - 1 and again.begin(2, NEVER) == (number, port)


def test_who_waits_can_be_stopped_and_gives_up_in_the_end(tmp_path):
    assert Nodes(tmp_path, 2, 1).begin(1, lambda: True) is None
    patient = Nodes(tmp_path, 2, 1, patience=0.2)
    assert patient.begin(1, NEVER) is None and patient.outcome() == ("gave up", 1)


def test_a_folder_that_takes_nothing_for_a_while_ends_no_supervisor(tmp_path, capsys):
    (tmp_path / "nodes").write_text("a file where the folder should be")
    one = Nodes(tmp_path, 2, 0, patience=0)
    assert one.begin(1, NEVER) is None and one.begin(1, NEVER) is None
    one.over("gave up", 1)
    assert capsys.readouterr().err.count("Mend:") == 1
    (tmp_path / "nodes").unlink()
    assert one.begin(1, NEVER)[0] == 1


def test_a_rank_that_is_none_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there are 2 machines. Mend: 0 to 1"):
        Nodes(tmp_path, 2, 2)


def test_two_supervisors_of_one_run_start_again_together(tmp_path, monkeypatch):
    """Each runs the same child here; the first crashes once, and the second is taken along."""
    monkeypatch.setattr("pixel.orchestration.supervisor.LINGER", 0.1)
    other = tmp_path / "other"  # the second machine's child counts its own steps
    other.mkdir()
    (other / "deeds.json").write_text('["hang", "fine"]')
    slow = (
        "crash",
        "long",
    )  # these children do not wait for each other: the second must be back before the first ends
    first = supervisor(tmp_path, *slow, steps=10, nodes=Nodes(tmp_path, 2, 0), limits=LIMITS)
    second = supervisor(tmp_path, "crash", "fine", nodes=Nodes(tmp_path, 2, 1))
    second.command[2] = str(other)
    second.limits = type(LIMITS)()
    ended = {}
    threads = [
        threading.Thread(target=lambda name=name, chosen=chosen: ended.update({name: chosen.run()}))
        for name, chosen in (("first", first), ("second", second))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert ended == {"first": 0, "second": 0}
    assert kinds(first) == ["error", "finished"]
    assert [one.number for one in second.record.attempts] == [1, 2]
    assert [one.port for one in second.record.attempts] == [one.port for one in first.record.attempts]
