import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel.data.rendering import Block
from pixel.data.windows import windows


def chain(sizes):
    """Blocks of `(header, content, close, tail)` tokens, one after another."""
    blocks, at = [], 0
    for header, content, close, tail in sizes:
        first = at + header
        last = first + content
        blocks.append(Block(at, first, last, last + close, last + close + tail))
        at = blocks[-1].end
    return blocks


MESSAGE = st.tuples(st.integers(1, 3), st.integers(1, 60), st.integers(0, 1), st.integers(0, 1))


@settings(max_examples=200, deadline=None)
@given(st.lists(MESSAGE, min_size=1, max_size=12), st.integers(16, 80), st.floats(0, 0.9), st.booleans())
def test_every_message_is_fresh_once_and_every_window_fits(sizes, max_length, context, system):
    blocks = chain(sizes)
    roles = ["system" if system and not number else "user" for number in range(len(blocks))]
    cut = windows(blocks, roles, max_length, context)
    assert sorted(index for window in cut for index in window.fresh) == list(range(len(blocks)))
    for window in cut:
        assert len(window.tokens) <= max_length
        assert window.tokens == sorted(set(window.tokens))
        read = [index for index, _, _ in window.turns]
        assert read == sorted(set(read)) and window.fresh <= set(read)
        for index, first, last in window.turns:
            assert 0 <= first <= last < len(window.tokens)
            inside = window.tokens[first : last + 1]
            assert all(blocks[index].content <= token < blocks[index].content_end for token in inside)
        if system and len(blocks) > 1:
            assert read[0] == 0
        for token in window.tokens:
            assert any(blocks[index].start <= token < blocks[index].end for index in read)


def test_a_conversation_that_fits_is_one_window_of_everything():
    blocks = chain([(2, 5, 1, 1)] * 3)
    (window,) = windows(blocks, ["user"] * 3, 27)
    assert window.tokens == list(range(27)) and window.fresh == {0, 1, 2}
    assert window.turns == [(0, 2, 6), (1, 11, 15), (2, 20, 24)]


def test_windows_repeat_the_system_message_and_a_quarter_of_what_came_before():
    blocks = chain([(1, 2, 1, 0)] + [(1, 4, 1, 0)] * 6)  # 4 tokens, then 6 a message
    first, second = windows(blocks, ["system"] + ["user", "assistant"] * 3, 28)
    assert first.fresh == {0, 1, 2, 3, 4} and first.tokens == list(range(28))
    assert second.fresh == {5, 6}
    assert [index for index, _, _ in second.turns] == [0, 4, 5, 6]  # 28 / 4 = 7 tokens: one earlier message


def test_no_context_repeats_nothing():
    blocks = chain([(1, 6, 1, 0)] * 6)
    cut = windows(blocks, ["user", "assistant"] * 3, 16, context=0.0)
    assert [sorted(window.fresh) for window in cut] == [[0, 1], [2, 3], [4, 5]]
    assert [token for window in cut for token in window.tokens] == list(range(48))


def test_a_message_that_is_too_long_keeps_its_head_and_its_tail():
    blocks = chain([(2, 40, 1, 1)])
    (window,) = windows(blocks, ["user"], 20)
    assert window.tokens == [0, 1, *range(2, 10), *range(34, 42), 42, 43]  # 16 of 40 content tokens: 8 and 8
    assert window.turns == [(0, 2, 17)]


def test_a_window_too_small_to_hold_anything_is_an_error():
    with pytest.raises(ValueError, match="max_length is 15; a window needs at least 16 tokens"):
        windows([], [], 15)
