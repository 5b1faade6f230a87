"""The two kinds of judges: fitted ones, and language models by log-likelihood."""

import numpy as np
import pytest
import torch

from pixel.data.schema import conversation
from pixel.evaluation.judges.fitted import FittedJudge
from pixel.evaluation.judges.human_pairs import annomi_sides, epitome_sides, matched_pairs, same_message_pairs
from pixel.evaluation.judges.judge import Pair, Side
from pixel.evaluation.judges.likelihood import LikelihoodJudge, prompt
from pixel.evaluation.judges.served import EndpointJudge
from pixel.training import ModelArguments, load_pixel

WARM, COLD = "that sounds so hard and lonely", "just move on and stop it"


class Letters:
    """Embeds a text by the counts of its letters."""

    def encode(self, texts):
        return np.array([[text.count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts], float)


def labelled(count: int = 80) -> list[tuple[Side, float]]:
    texts = [(WARM, 1.0), (COLD, 0.0)]
    return [(Side("i am sad", f"{texts[n % 2][0]} {'abcde'[n % 5]}", f"g{n}"), texts[n % 2][1]) for n in range(count)]


# ── fitted ──


@pytest.mark.parametrize("features", ["meanings", "words"])
def test_a_fitted_judge_learns_what_people_prefer(features):
    judge = FittedJudge(features, encoder=Letters())
    judge.prepare({"empathy": labelled()})
    new = Pair("new", Side("i am sad", WARM, "new"), Side("i am sad", COLD, "new"), "new")
    for repeat in range(3):
        odds = judge.prefer([new], "empathy", repeat)
        assert odds.shape == (1, 2) and (odds > 0).all() and odds[0, 0] == odds[0, 1]


def test_swapping_the_replies_turns_the_answer_round():
    judge = FittedJudge("meanings", encoder=Letters())
    judge.prepare({"empathy": labelled()})
    one, two = labelled()[0][0], labelled()[1][0]
    there = judge.prefer([Pair("p", one, two, "g")], "empathy", 0)
    back = judge.prefer([Pair("p", two, one, "g")], "empathy", 0)
    np.testing.assert_allclose(there, -back)


def test_it_never_uses_what_it_learned_from_the_same_group():
    """Whatever people said of a group's replies, the answer about that group stays; about others it changes."""
    said = {}
    for score in (100.0, -100.0):
        rows = [(Side("hi", f"{'abcde'[n % 5]} reply {n % 3}", f"g{n}"), float(n % 3)) for n in range(60)]
        rows += [(Side("hi", "zzz " * 5, "alone"), score)] * 3
        judge = FittedJudge("meanings", encoder=Letters())
        judge.prepare({"quality": rows})
        for group in ("alone", "someone"):
            sides = Side("hi", "zzz " * 5, group), Side("hi", "a reply 1", group)
            said[group, score] = judge.prefer([Pair("p", *sides, group)], "quality", 0)[0, 0]
    assert said["alone", 100.0] == said["alone", -100.0]
    assert said["someone", 100.0] > 0 > said["someone", -100.0]


def test_without_human_scores_there_is_nothing_to_fit():
    with pytest.raises(ValueError, match="no human scores"):
        FittedJudge("words").prefer([Pair("p", *[labelled()[0][0]] * 2, "g")], "empathy", 0)


# ── language model ──


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    judge = LikelihoodJudge("tiny:llama")
    judge._loaded = load_pixel(ModelArguments(model_name_or_path="tiny:llama", model_dtype="float32"))
    judge._loaded[1].eval()
    return judge


def test_the_likelihoods_are_those_of_an_unpadded_run(tiny):
    prompts = ["short", "a much longer prompt that decides how far the other is padded", "middle one"]
    found = tiny.answers(prompts, ["A", "B"])
    tokenizer, network = tiny._loaded
    for text, row in zip(prompts, found, strict=True):
        messages = [{"role": "user", "content": text}]
        rendered = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        ids = torch.tensor([tokenizer(rendered, add_special_tokens=False)["input_ids"]])
        with torch.no_grad():
            expected = torch.log_softmax(network(input_ids=ids).logits[0, -1].float(), -1)
        places = [tokenizer(option, add_special_tokens=False)["input_ids"][0] for option in "AB"]
        np.testing.assert_allclose(row, expected[places].numpy(), atol=1e-4)


def test_both_orders_are_asked_and_turned_to_the_first_reply(tiny, monkeypatch):
    asked = []

    def always_a(prompts, options):
        asked.extend(prompts)
        return np.tile([0.0, -1.0], (len(prompts), 1))

    monkeypatch.setattr(tiny, "answers", always_a)
    one, two = Side("hello", WARM, "g"), Side("hello", COLD, "g")
    odds = tiny.prefer([Pair("p", one, two, "g")], "empathy", 1)
    assert odds.tolist() == [[1.0, -1.0]]
    assert asked[0].index(WARM) < asked[0].index(COLD) and asked[1].index(COLD) < asked[1].index(WARM)


def test_a_rating_is_the_expected_digit(monkeypatch):
    judge = LikelihoodJudge("tiny:llama", "rating")

    def by_warmth(prompts, options):
        share = [[0.1, 0.1, 0.1, 0.2, 0.5] if WARM in text else [0.5, 0.2, 0.1, 0.1, 0.1] for text in prompts]
        return np.log(share)

    monkeypatch.setattr(judge, "answers", by_warmth)
    pair = Pair("p", Side("hello", WARM, "g"), Side("hello", COLD, "g"), "g")
    assert judge.prefer([pair], "quality", 0)[0] == pytest.approx([3.9 - 2.1] * 2)


def test_a_model_made_from_the_judge_may_not_be_judged_by_it(tiny):
    class Subject:
        fingerprint, network = "another", tiny._loaded[1]

    assert "trained from" in tiny.same_as(Subject())
    torch.manual_seed(1)
    Subject.network = load_pixel(ModelArguments(model_name_or_path="tiny:llama", model_dtype="float32"))[1]
    assert tiny.same_as(Subject()) is None


def test_long_texts_lose_their_middle():
    text = prompt(Side("hi", " ".join(map(str, range(1000))), "g"), Side("hi", "ok", "g"), "Which?")
    assert "0 1 2" in text and "999" in text and " 500 " not in text and len(text.split()) < 200


# ── people's pairs ──


def epitome_row(post: str, reply: str, levels: tuple[int, int, int], number: int):
    names = ("emotional_reactions", "interpretations", "explorations")
    messages = [{"role": "user", "content": post}, {"role": "assistant", "content": reply}]
    known = {name: [None, level] for name, level in zip(names, levels, strict=True)}
    return conversation(messages, id=str(number), source="epitome", licence="none", group=post, **known)


def test_replies_to_one_post_pair_by_their_levels():
    rows = [epitome_row("a", "kind", (2, 1, 0), 0), epitome_row("a", "short", (0, 0, 0), 1)]
    rows += [epitome_row("a", "equal", (1, 1, 1), 2), epitome_row("b", "other", (0, 1, 0), 3)]
    sides = epitome_sides(rows)
    assert [score for _, score in sides] == [3.0, 0.0, 3.0, 1.0]
    pairs = same_message_pairs(sides, "x")
    better = [(p.first if p.first_better else p.second).reply for p in pairs]
    assert sorted(better) == ["equal", "kind"] and {p.group for p in pairs} == {"epitome:a"}


def test_matched_pairs_are_of_like_length_and_of_two_groups():
    generator = np.random.default_rng(0)
    sides = [(Side("c", "w " * int(generator.integers(5, 80)), f"g{n}"), float(n % 5)) for n in range(300)]
    scores = {side: score for side, score in sides}
    pairs = matched_pairs(sides, 3, 1, "m", 100)
    assert len(pairs) > 50 and 0.3 < np.mean([pair.first_better for pair in pairs]) < 0.7
    for pair in pairs:
        better, worse = (pair.first, pair.second) if pair.first_better else (pair.second, pair.first)
        assert scores[better] >= 3 and scores[worse] <= 1 and better.group != worse.group
        lengths = [len(side.reply.split()) for side in (better, worse)]
        assert abs(lengths[0] - lengths[1]) <= max(2, 0.15 * max(lengths))


def test_short_turns_and_turns_without_a_client_before_are_left_out():
    long = "what would it be like for you to try that"
    said = [("assistant", long), ("user", "hm"), ("assistant", "mm-hm"), ("user", "well"), ("assistant", long)]
    messages = [{"role": role, "content": text} for role, text in said]
    label = [1.0 if role == "assistant" else None for role, _ in said]
    row = conversation(messages, id="7", source="annomi", licence="none", appropriateness=label)
    assert annomi_sides([row]) == [(Side("well", long, "annomi:7"), 1.0)]


# ── served ──


@pytest.mark.parametrize(
    ("answer", "first"),
    [("A", 1), (" **B**", -1), ("Answer: B", -1), ("Reply A.", 1), ("The answer is B", -1), ("(a)", 1),
     ("Both are good", 0), ("As I see it", 0), ("", 0)],
)  # fmt: skip
def test_a_served_answer_is_read_by_its_letter_and_not_by_the_word_answer(monkeypatch, answer, first):
    judge = EndpointJudge("http://127.0.0.1:1/v1#made")
    monkeypatch.setattr(judge.endpoint, "generate", lambda asked, **options: [answer] * len(asked))
    pair = Pair("1", Side("i am sad", WARM, "a"), Side("i am sad", COLD, "a"), "a")
    assert judge.prefer([pair], "empathy", 0).tolist() == [[first, -first]]  # whatever the order, the same place
