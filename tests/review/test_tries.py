from pixel.review.tries import Tries


def test_guessing_waits_longer_each_time_and_a_right_password_ends_it():
    now = [0.0]
    tries = Tries(free=3, first=10, longest=100, clock=lambda: now[0])
    assert [tries.begin("Ann") for _ in range(4)] == [True, True, True, False]
    assert tries.begin("bob")  # somebody else does not wait
    now[0] = 10.0
    assert tries.begin("ann") and not tries.begin("ann")
    now[0] = 29.9
    assert not tries.begin("ann")
    now[0] = 30.0
    assert tries.begin("ann")
    tries.succeeded("ann")
    assert [tries.begin("ann") for _ in range(4)] == [True, True, True, False]


def test_a_wait_has_an_end_and_names_are_forgotten():
    now = [0.0]
    tries = Tries(free=1, first=10, longest=40, clock=lambda: now[0])
    for _ in range(20):
        assert tries.begin("ann")
        now[0] += 40.0
    now[0] += 100.0
    tries.begin("bob")
    assert list(tries._failures) == ["bob"]
