"""Several processes: each does its part, all get all. The meeting of three is played by one."""

import pytest

from pixel.evaluation import processes
from pixel.evaluation.task import TaskSkipped


def three(monkeypatch, work, things):
    """Runs `work_together` as each of three processes; what the others send is worked out beside it."""
    import torch.distributed as dist

    sent = []

    def run(rank, gather):
        monkeypatch.setattr(processes, "count", lambda: 3)
        monkeypatch.setattr(processes, "rank", lambda: rank)
        monkeypatch.setattr(dist, "all_gather_object", gather)
        return processes.work_together(work, things)

    def only_send(parts, own):
        sent.append(own)
        raise InterruptedError

    for rank in range(3):
        with pytest.raises(InterruptedError):
            run(rank, only_send)

    def meet(parts, own):
        parts[:] = sent

    return [lambda rank=rank: run(rank, meet) for rank in range(3)]


def test_alone_everything_is_done_here():
    assert processes.count() == 1 and processes.is_first() and processes.shared("x") == "x"
    assert processes.work_together(lambda some: [2 * one for one in some], [3, 1]) == [6, 2]


@pytest.mark.parametrize("size", [0, 1, 2, 7])
def test_all_get_all_results_in_the_order_of_the_things(monkeypatch, size):
    asked = []

    def work(some):
        asked.append(list(some))
        return [2 * one for one in some]

    for process in three(monkeypatch, work, list(range(size))):
        assert process() == [2 * one for one in range(size)]
    assert asked[0] == list(range(0, size, 3)) and asked[1] == list(range(1, size, 3))


def test_what_one_process_cannot_do_no_process_does(monkeypatch):
    def work(some):
        if 4 in some:
            raise TaskSkipped("the moon is not up")
        return some

    for process in three(monkeypatch, work, list(range(6))):
        with pytest.raises(TaskSkipped, match="the moon is not up"):
            process()


def test_an_error_of_another_kind_keeps_its_name(monkeypatch):
    def work(some):
        return [1 / one for one in some]

    first, second, _ = three(monkeypatch, work, [0, 1, 2])
    with pytest.raises(ZeroDivisionError):
        first()
    with pytest.raises(RuntimeError, match="ZeroDivisionError: division by zero"):
        second()
