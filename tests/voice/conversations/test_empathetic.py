"""Read-outs of a model beside a row."""

from pixel.voice.conversations.empathetic import read_out

TALK = [{"role": "user", "content": "My cat died."}, {"role": "assistant", "content": "I am so sorry."}]


class Reader:
    def __init__(self, sadness, level):
        self.sadness, self.level = sadness, level

    def read(self, conversations):
        levels = {name: [float(k == self.level) for k in range(3)]
                  for name in ("emotional_reactions", "interpretations", "explorations")}  # fmt: skip
        return [
            [{"emotion": {"labels": {"sadness": self.sadness, "joy": 0.1, "neutral": 0.9}}}, {"empathy": levels}]
            for _ in conversations
        ]


def test_a_feeling_that_is_taken_up_is_empathetic():
    (told,) = read_out([TALK], Reader(0.8, 1))
    assert told["emotion"] == "sadness" and told["empathetic"] and set(told["levels"].values()) == {1}


def test_without_a_feeling_or_without_a_reaction_it_is_not():
    assert not read_out([TALK], Reader(0.1, 2))[0]["empathetic"]
    assert read_out([TALK], Reader(0.1, 2))[0]["emotion"] is None
    assert not read_out([TALK], Reader(0.8, 0))[0]["empathetic"]


def test_what_cannot_be_read_is_null():
    class Broken:
        def read(self, conversations):
            return [ValueError("no"), [{"emotion": {}}, {}]]

    assert read_out([TALK, TALK], Broken()) == [None, None]
