"""Whole comparisons of small folders: verdicts, roads, what is missing."""

import numpy as np
import pytest

from pixel.data.errors import ConversationError
from pixel.evaluation.comparison import compare_versions, read_version
from tests.evaluation.comparison.conftest import row

KEY = ("eu", "accuracy")


def answers(right: float, seed: int, n: int = 200) -> dict:
    draws = np.random.default_rng(seed).random(n)
    return {f"q{index}": (float(draw < right), f"talk {index // 2}") for index, draw in enumerate(draws)}


def compare(*folders, **more):
    versions = [read_version(folder) for folder in folders]
    return compare_versions(versions[0], versions[1:], **more)


def test_a_plain_loss_is_flagged_and_a_plain_gain_too(evaluation):
    low, high = answers(0.4, 0), answers(0.8, 0)
    before = evaluation("before", {KEY: high, ("ea", "accuracy"): low})
    after = evaluation("after", {KEY: low, ("ea", "accuracy"): high})
    result = compare(before, after)
    assert {(change.task, change.verdict) for change in result.changes} == {("eu", "regressed"), ("ea", "improved")}
    loss = result.regressions[0]
    expected = np.mean([value for value, _ in low.values()]) - np.mean([value for value, _ in high.values()])
    assert loss.difference == pytest.approx(expected) and loss.low < expected < loss.high < 0
    assert loss.n == 200 and loss.groups == 100
    assert len(loss.most_changed) == 10 and all(item["difference"] == -1.0 for item in loss.most_changed)


def test_where_less_is_better_a_fall_is_a_gain(evaluation):
    before = evaluation("before", {KEY: answers(0.8, 0)}, [row(*KEY, None, higher_is_better=False)])
    after = evaluation("after", {KEY: answers(0.4, 0)}, [row(*KEY, None, higher_is_better=False)])
    verdicts = {change.metric: change.verdict for change in compare(before, after).changes}
    assert verdicts == {"accuracy (items)": "improved", "accuracy": "not tested"}


def test_without_a_direction_a_change_is_only_a_change(evaluation):
    before, after = (evaluation(name, {KEY: answers(share, 0)}, []) for name, share in (("b", 0.8), ("a", 0.4)))
    assert [change.verdict for change in compare(before, after).changes] == ["changed"]


def test_the_least_difference_named_is_itself_flagged_and_a_smaller_one_is_not(evaluation):
    key = ("eu", "accuracy")
    lines = [{key: {str(i): (value, None) for i in range(40)}} for value in (0.25, 0.75)]  # the difference is 0.5
    old, new = (read_version(evaluation(name, items)) for name, items in zip(("old", "new"), lines, strict=True))
    verdicts = [compare_versions(old, [new], least=least).changes[0].verdict for least in (0.5, 0.51)]
    assert verdicts == ["improved", "not shown"]


def test_the_same_answers_twice_show_nothing(evaluation):
    result = compare(evaluation("b", {KEY: answers(0.5, 0)}), evaluation("a", {KEY: answers(0.5, 0)}))
    assert [(c.verdict, c.p, c.difference, c.same) for c in result.changes] == [("not shown", 1.0, 0.0, 1.0)]


def test_one_small_p_among_many_tests_is_not_flagged(evaluation):
    """Six groups that all rose: p = 2 / 64 alone. With nineteen unchanged tasks beside it Holm makes that 20 / 32."""
    six = [{f"q{i}": (float(rise), None) for i in range(6)} for rise in (0, 1)]
    still = {(f"task {number}", "accuracy"): answers(0.5, number) for number in range(19)}
    alone = compare(evaluation("b1", {KEY: six[0]}), evaluation("a1", {KEY: six[1]}))
    assert [change.verdict for change in alone.changes] == ["improved"]
    result = compare(evaluation("b2", {KEY: six[0]} | still), evaluation("a2", {KEY: six[1]} | still))
    risen = next(change for change in result.changes if change.task == "eu")
    assert risen.p == 1 / 32 and risen.p_holm == pytest.approx(20 / 32) and risen.verdict == "not shown"
    assert any("too few groups" in note for note in result.notes)


def test_the_family_spans_all_candidates(evaluation):
    base, same = answers(0.5, 0), [evaluation(f"v{number}", {KEY: answers(0.5, 0)}) for number in range(3)]
    result = compare(evaluation("base", {KEY: base}), *same)
    assert result.tests == 3 and result.candidates == ["v0", "v1", "v2"]


def test_a_metric_that_is_no_mean_of_items_is_compared_by_intervals(evaluation):
    rows = [row(*KEY, 0.40, 0.36, 0.44), row(*KEY, 0.52, 0.48, 0.56)]
    before = evaluation("before", {KEY: answers(0.5, 0)}, rows[:1])
    after = evaluation("after", {KEY: answers(0.5, 0)}, rows[1:])
    changes = {change.metric: change for change in compare(before, after).changes}
    assert changes["accuracy (items)"].method == "paired items" and changes["accuracy (items)"].p == 1.0
    by_interval = changes["accuracy"]
    assert by_interval.method == "intervals" and by_interval.verdict == "improved" and "unpaired" in by_interval.reason
    # .12 over sqrt(2) * .04 / 1.96 is 4.158 standard errors: p = 3.2e-5
    assert by_interval.p == pytest.approx(3.2e-5, rel=0.02)


def test_a_score_that_is_ten_times_the_mean_of_its_items_stays_paired(evaluation):
    folders = []
    for name, right in (("before", 0.8), ("after", 0.4)):
        items = answers(right, 0)
        folders.append(evaluation(name, {KEY: items}, [row(*KEY, 10 * np.mean([v for v, _ in items.values()]))]))
    change = compare(*folders).changes[0]
    assert change.metric == "accuracy" and change.method == "paired items"
    assert change.before == pytest.approx(10 * np.mean([v for v, _ in answers(0.8, 0).values()]))
    assert change.low < change.difference < change.high < -2


def test_without_intervals_or_items_nothing_is_tested_and_it_says_so(evaluation):
    result = compare(evaluation("b", rows=[row(*KEY, 0.4)]), evaluation("a", rows=[row(*KEY, 0.9)]))
    assert result.tests == 0 and result.changes[0].verdict == "not tested"
    assert "no interval" in result.changes[0].reason


def test_what_only_one_side_has_is_named(evaluation):
    before = evaluation("b", {KEY: answers(0.5, 0), ("gone", "f1"): answers(0.5, 1)})
    skipped = [{"task": "gone", "reason": "no corpus"}]
    extra = answers(0.5, 0, 199) | {"new": (1.0, None)}
    result = compare(before, evaluation("a", {KEY: extra}, skipped=skipped))
    assert result.missing == ["gone f1: in b, not in a (no corpus)"]
    assert result.changes[0].only_before == ["q199"] and result.changes[0].only_after == ["new"]
    assert result.changes[0].n == 199 and any("2 items have no partner" in note for note in result.notes)


def test_one_conversation_alone_is_not_tested(evaluation):
    items = {f"q{i}": (float(i % 2), "the only one") for i in range(50)}
    other = {name: (1.0, group) for name, (_, group) in items.items()}
    change = compare(evaluation("b", {KEY: items}), evaluation("a", {KEY: other})).changes[0]
    assert change.p is None and change.difference == 0.5 and "one group" in change.reason


def test_repeated_items_have_their_mean(evaluation):
    folder = evaluation("b", {KEY: {"q": (0.0, None)}})
    with (folder / "items" / "eu.jsonl").open("a") as file:
        file.write('{"id": "q", "metric": "accuracy", "value": 1.0, "group": null}\n')
    version = read_version(folder)
    assert version.items[KEY] == {"q": (0.5, None)} and version.repeats == {KEY: 1}


@pytest.mark.parametrize("line", ['{"id": "q", "metric": "m", "value": NaN}', '{"id": "q", "value": 1.0}', "not json"])
def test_a_bad_item_is_named_with_file_and_line(evaluation, line):
    folder = evaluation("b", {KEY: answers(0.5, 0)})
    (folder / "items" / "eu.jsonl").write_text('{"id": "a", "metric": "m", "value": 1}\n' + line + "\n")
    with pytest.raises(ConversationError, match=r"eu\.jsonl, row 2"):
        read_version(folder)


def test_a_folder_without_results_says_what_writes_them(tmp_path):
    with pytest.raises(ConversationError, match=r"recipes/evaluate\.py"):
        read_version(tmp_path)


def test_two_versions_of_one_name_are_refused(evaluation):
    folder = evaluation("same", {KEY: answers(0.5, 0)})
    with pytest.raises(ConversationError, match="differ"):
        compare(folder, folder)
