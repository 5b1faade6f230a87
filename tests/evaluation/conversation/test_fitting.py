"""The people that an evaluation sets beside a model are left out of what ships."""

import pytest

from pixel.empathy.mechanisms import unseen
from pixel.evaluation.conversation import fitting
from pixel.evaluation.conversation.places import flattered


def test_held_out_dialogues_are_not_fitted_on(monkeypatch, tmp_path):
    class Taken(Exception):
        pass

    def take(rows):
        raise Taken({row["group"] for row in rows})

    monkeypatch.setattr(fitting, "exchanges", take)
    rows = [{"group": str(number)} for number in range(200)]
    with pytest.raises(Taken) as found:
        fitting.fit_all(rows, rows, rows, [], None, tmp_path)
    left = {row["group"] for row in rows} - found.value.args[0]
    assert left == {row["group"] for row in rows if unseen(row["group"])} and 5 <= len(left) <= 40


def test_people_that_were_fitted_on_are_said_to_be():
    names = [str(number) for number in range(40)]
    new, known = ([f"esconv:{name}" for name in names if unseen(name) is kind] for kind in (True, False))
    assert flattered([*new, "seed:1"]) == []
    (said,) = flattered([*new[:1], *known[:2], "seed:1"])
    assert "fitted on 2 of these 4 conversations" in said
