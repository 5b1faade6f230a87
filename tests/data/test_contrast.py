import pytest

from pixel.data.contrast import STOCK_REPLIES, contrastive_rows, pair_of
from pixel.data.schema import COLUMNS, conversation, validate
from pixel.data.seed import seed_rows


def chat(name, *replies, genuine=1.0, mode="therapy", group=None, licence="CC-BY-4.0", learn=None):
    messages = []
    for number, reply in enumerate(replies):
        messages += [{"role": "user", "content": f"{name} asks {number}"}, {"role": "assistant", "content": reply}]
    return conversation(
        messages,
        id=name,
        source="made",
        licence=licence,
        group=group,
        learn=learn,
        genuine=[None, genuine] * len(replies),
        persona_mode=[None, mode] * len(replies),
    )


ROWS = [chat("a", "one", "two"), chat("b", "three", "four"), chat("c", "five"), chat("d", "six", mode="assistant")]


def pairs(rows, **options):
    made = list(contrastive_rows(rows, **options))
    return list(zip(made[::2], made[1::2], strict=True))


def test_the_rows_of_a_pair_differ_in_their_last_message_alone():
    for genuine, simulated in pairs(ROWS, stock=0.5):
        assert genuine["messages"][:-1] == simulated["messages"][:-1]
        assert genuine["messages"][-1]["role"] == simulated["messages"][-1]["role"] == "assistant"
        assert genuine["messages"][-1]["content"] != simulated["messages"][-1]["content"]
        assert pair_of(genuine["id"]) == (pair_of(simulated["id"])[0], "genuine")


def test_only_the_last_turn_is_labelled_and_nothing_is_learned_to_say():
    for genuine, simulated in pairs(ROWS):
        for row, label in ((genuine, 1.0), (simulated, 0.0)):
            validate(row)
            assert set(row) == set(COLUMNS) and not any(row["learn"])
            assert row["genuine"] == [None] * (len(row["messages"]) - 1) + [[label]]
            assert row["persona_mode"] is None and row["source"] == "made_contrast"


def test_a_borrowed_reply_is_of_another_group_and_the_same_mode():
    rows = [chat("a", "one"), chat("a2", "uno", group="a"), chat("b", "three"), chat("d", "six", mode="assistant")]
    borrowed = {genuine["group"]: simulated["messages"][-1]["content"] for genuine, simulated in pairs(rows, stock=0)}
    assert set(borrowed) == {"a", "b"}  # nothing of mode assistant can be borrowed for d
    assert borrowed["a"] == "three" and borrowed["b"] in ("one", "uno")


def test_of_the_replies_drawn_the_nearest_in_length_is_taken():
    rows = [chat("a", "x" * 50), chat("b", "y" * 5), chat("c", "z" * 48), chat("e", "w" * 500)]
    (_, simulated), *_ = pairs(rows, stock=0, candidates=40)
    assert simulated["messages"][-1]["content"] == "z" * 48


def test_a_share_of_one_takes_stock_phrases_only():
    assert all(simulated["messages"][-1]["content"] in STOCK_REPLIES for _, simulated in pairs(ROWS, stock=1.0))


def test_replies_rated_simulated_or_not_to_be_learned_are_no_genuine_side():
    rows = [chat("a", "poor", genuine=0.2), chat("b", "bad", learn=[None, False]), chat("c", "fine")]
    assert [genuine["id"] for genuine, _ in pairs(rows, stock=1.0)] == ["c#1:genuine"]


def test_unrated_replies_count_where_that_is_asked_for():
    rows = [chat("a", "one", genuine=None), chat("b", "two", genuine=None)]
    assert pairs(rows, stock=1.0) == [] and len(pairs(rows, stock=1.0, unrated=True)) == 2


def test_the_seed_decides_and_repeats():
    rows = list(seed_rows())[:60]
    first = list(contrastive_rows(rows, seed=1))
    assert first == list(contrastive_rows(rows, seed=1)) != list(contrastive_rows(rows, seed=2))
    assert len(first) >= 2 * 50 and len({row["id"] for row in first}) == len(first)


def test_a_conversation_gives_as_many_pairs_as_asked_and_no_more_than_it_has():
    assert [len(pairs(ROWS, stock=1.0, a_conversation=count)) for count in (1, 2, 9)] == [4, 6, 6]


def test_a_row_with_text_of_two_licences_names_both():
    rows = [chat("a", "one"), chat("b", "two", licence="MIT")]
    licences = [row["licence"] for row in contrastive_rows(rows, stock=0)]
    assert licences == ["CC-BY-4.0", "CC-BY-4.0 and MIT", "MIT", "MIT and CC-BY-4.0"]


def test_options_out_of_range_are_refused():
    for option in ({"stock": 1.5}, {"a_conversation": 0}, {"candidates": 0}):
        with pytest.raises(ValueError):
            list(contrastive_rows(ROWS, **option))


@pytest.mark.parametrize(("name", "found"), [("a#1:genuine", ("a#1", "genuine")), ("a", None), ("a:b", None)])
def test_pairs_are_found_again_by_id(name, found):
    assert pair_of(name) == found
