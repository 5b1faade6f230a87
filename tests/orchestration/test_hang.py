"""Silence is a hang when it outlasts its limit; the limit of a step follows the measured steps."""

from pixel.orchestration.hang import HangLimits, HangWatch
from pixel.orchestration.heartbeat import Beat

LIMITS = HangLimits(start=100, step=10, save=40, evaluate=30, end=50, factor=5)


class Scene:
    """Ranks that beat, and a clock that is set by hand."""

    def __init__(self, ranks: int | None = None):
        self.now = 0.0
        self.watch = HangWatch(LIMITS, ranks, clock=lambda: self.now)

    def at(self, now: float, *beats: tuple):
        """`beats`: rank, step, phase, and perhaps a status."""
        self.now = now
        return self.watch.look(
            [Beat(rank, step, 9, phase, now, 1, "", 0, *more) for rank, step, phase, *more in beats]
        )

    def silence(self, now: float):
        self.now = now
        return self.watch.look([beat for beat, _ in self.watch.last.values()])


def trained(seconds_a_step: float, steps: int = 4) -> Scene:
    scene = Scene()
    for step in range(steps):
        assert scene.at(step * seconds_a_step, (0, step, "train")) is None
    return scene


def test_until_two_steps_are_done_the_start_limit_holds():
    scene = Scene()
    scene.at(0, (0, 0, "start"))
    assert scene.at(90, (0, 1, "train")) is None
    assert scene.silence(189) is None
    assert scene.silence(191).limit == 100


def test_fast_steps_are_held_to_the_floor():
    scene = trained(0.5)  # the last beat at 1.5; five times half a second is less than 10
    assert scene.silence(11.4) is None
    hang = scene.silence(11.6)
    assert (hang.rank, hang.step, hang.limit) == (0, 3, 10)


def test_slow_steps_are_given_their_time():
    scene = trained(7)  # the last beat at 21; limit 5 * 7
    assert scene.silence(55) is None
    assert scene.silence(57).limit == 35


def test_a_beat_that_covers_many_steps_counts_each():
    scene = Scene()
    scene.at(0, (0, 0, "train"))
    scene.at(20, (0, 10, "train"))  # two seconds a step
    assert scene.watch.limit(scene.watch.last[0][0]) == 10


def test_each_phase_has_its_limit():
    for phase, limit in (("save", 40), ("evaluate", 30), ("end", 50)):
        scene = trained(1)
        scene.at(4, (0, 4, phase))
        assert scene.silence(4 + limit - 1) is None, phase
        assert scene.silence(4 + limit + 1).phase == phase


def test_time_in_an_evaluation_is_no_step_time():
    scene = trained(1)
    scene.at(4, (0, 4, "evaluate"))
    scene.at(29, (0, 5, "train"))
    assert max(scene.watch.times) == 1


def test_the_rank_that_is_behind_is_named():
    scene = trained(1)
    scene.at(5, (0, 5, "train"), (1, 4, "train"))
    assert scene.silence(200).rank == 1


def test_a_rank_that_never_speaks_is_missed():
    scene = Scene(ranks=2)
    scene.at(1, (0, 0, "end"))
    scene.at(99, (0, 1, "end"))
    hang = scene.at(101, (0, 2, "end"))
    assert (hang.rank, hang.limit) == (1, 100)


def test_nobody_speaking_at_all_is_a_hang_too():
    scene = Scene()
    assert scene.at(99) is None
    assert "no rank has said anything" in str(scene.at(101))


def test_a_rank_that_has_ended_is_not_waited_for_while_another_works():
    scene = Scene()
    scene.at(0, (0, 5, "end"), (1, 5, "end", 0))
    assert scene.at(45, (0, 6, "end")) is None
    assert scene.at(90, (0, 7, "end")) is None
    scene.at(100, (0, 7, "end", 0))
    assert scene.silence(141).limit == 40  # all said goodbye, and their launcher does not end
