import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel.models.labels import FIELDS
from pixel.objectives import (
    BATCH_TERMS,
    IGNORE,
    READOUT_OBJECTIVES,
    ROW_TERMS,
    TERMS,
    genuine_contrast_loss,
    label_counts,
    objective_losses,
)

TERM_WEIGHTS = dict.fromkeys(TERMS, 0.7)
ROW_TERM_WEIGHTS = dict.fromkeys(ROW_TERMS, 0.7)


def random_batch(seed, rows=6, turns=3, labelled=0.5):
    """Labels for every field, each turn labelled with probability `labelled`, vectors partly unknown."""
    generator = torch.Generator().manual_seed(seed)
    batch = {"turn_mask": torch.rand(rows, turns, generator=generator) < 0.9}
    for name, field in FIELDS.items():
        blank = torch.rand(rows, turns, generator=generator) > labelled
        if field.is_vector:
            target = torch.rand(rows, turns, field.size, generator=generator)
            target[torch.rand(target.shape, generator=generator) < 0.2] = float("nan")
            target[blank] = float("nan")
        else:
            target = torch.randint(0, field.size, (rows, turns), generator=generator)
            target[blank] = IGNORE
        batch[name] = target
    return batch


def random_readouts(seed, rows=6, turns=3, names=FIELDS):
    generator = torch.Generator().manual_seed(seed + 1)
    return {
        name: torch.randn(rows, turns, FIELDS[name].logits, generator=generator).requires_grad_() for name in names
    }


def part(tensors, rows):
    return {name: tensor[rows] for name, tensor in tensors.items()}


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 999), cuts=st.sets(st.integers(1, 5), max_size=5), labelled=st.sampled_from([0.05, 0.5]))
def test_micro_batches_add_up_to_the_whole_batch_however_it_is_cut(seed, cuts, labelled):
    batch, readouts = random_batch(seed, labelled=labelled), random_readouts(seed)
    counts = label_counts(batch)
    whole, _ = objective_losses(readouts, batch, counts, ROW_TERM_WEIGHTS)
    wanted = torch.autograd.grad(sum(whole.values()), list(readouts.values()))

    edges = [0, *sorted(cuts), 6]
    totals = dict.fromkeys(whole, 0.0)
    for start, end in zip(edges, edges[1:], strict=False):
        rows = slice(start, end)
        losses, _ = objective_losses(part(readouts, rows), part(batch, rows), counts, ROW_TERM_WEIGHTS)
        sum(losses.values()).backward()
        totals = {name: totals[name] + loss.detach() for name, loss in losses.items()}
    for name in whole:
        torch.testing.assert_close(totals[name], whole[name].detach(), rtol=1e-4, atol=1e-5)
    for readout, gradient in zip(readouts.values(), wanted, strict=True):
        torch.testing.assert_close(readout.grad, gradient, rtol=1e-4, atol=1e-6)


def cut_in_two(seed):
    """A batch of six rows whole and as two micro-batches, with the counts a trainer hands in for each."""
    batch, readouts = random_batch(seed), random_readouts(seed)
    halves = [(part(readouts, rows), part(batch, rows)) for rows in (slice(0, 2), slice(2, 6))]
    counts = [label_counts(labels) for _, labels in halves]
    return batch, readouts, halves, {name: counts[0][name] + counts[1][name] for name in counts[0]}


def test_counts_of_micro_batches_add_up():
    batch, _, _, added = cut_in_two(3)
    for name, count in label_counts(batch).items():
        if name == "genuine_contrast":
            assert added[name] < count  # pairs across the cut are not formed
        else:
            assert added[name] == count


@pytest.mark.parametrize("seed", range(3))
def test_a_calibration_term_of_micro_batches_is_never_below_that_of_the_whole_batch(seed):
    batch, readouts, halves, counts = cut_in_two(seed)
    _, whole = objective_losses(readouts, batch, field_weights=TERM_WEIGHTS)
    _, first = objective_losses(*halves[0], counts, TERM_WEIGHTS)
    _, second = objective_losses(*halves[1], counts, TERM_WEIGHTS)
    for name in BATCH_TERMS[1:]:
        assert first[name] + second[name] >= whole[name]


def test_the_genuine_contrast_of_micro_batches_is_the_mean_over_the_pairs_inside_them():
    _, _, halves, counts = cut_in_two(4)
    parts = [objective_losses(*half, counts, TERM_WEIGHTS)[1]["genuine_contrast"] for half in halves]
    pairs = [genuine_contrast_loss(readouts["genuine"], batch["genuine"]) for readouts, batch in halves]
    mean = (pairs[0][0] + pairs[1][0]) / (pairs[0][1] + pairs[1][1])
    torch.testing.assert_close(sum(parts), mean.detach())
    assert mean > 0


def test_counts_have_the_same_keys_whatever_is_labelled():
    assert list(label_counts({"risk": torch.tensor([[1, IGNORE]])})) == list(label_counts(random_batch(0)))
    assert label_counts({"risk": torch.tensor([[1, IGNORE]])})["risk"].item() == 1


def test_nothing_labelled_is_a_differentiable_zero_over_every_head():
    readouts = random_readouts(0)
    objectives, components = objective_losses(readouts, {"turn_mask": torch.ones(6, 3, dtype=torch.bool)})
    assert set(objectives) == set(READOUT_OBJECTIVES)
    sum(objectives.values()).backward()
    assert all(loss.item() == 0 for loss in (*objectives.values(), *components.values()))
    assert all(torch.equal(readout.grad, torch.zeros_like(readout)) for readout in readouts.values())


def test_terms_with_nothing_to_look_at_are_differentiable_zeros_too():
    readouts = random_readouts(0, rows=2, turns=1)
    batch = {"turn_mask": torch.ones(2, 1, dtype=torch.long)}
    objectives, components = objective_losses(readouts, batch, field_weights=TERM_WEIGHTS)
    sum(objectives.values()).backward()
    assert set(TERMS) <= set(components) and all(components[name] == 0 for name in TERMS)
    assert all(torch.equal(readout.grad, torch.zeros_like(readout)) for readout in readouts.values())


def test_an_objective_is_the_sum_of_its_fields():
    objectives, components = objective_losses(random_readouts(5), random_batch(5))
    for objective, loss in objectives.items():
        fields = [name for name, field in FIELDS.items() if field.objective == objective]
        assert loss.item() == pytest.approx(sum(components[name].item() for name in fields), rel=1e-5)


def test_weights_scale_their_field_only():
    readouts, batch = random_readouts(6), random_batch(6)
    plain, components = objective_losses(readouts, batch)
    weighted, _ = objective_losses(readouts, batch, field_weights={"risk": 3.0, "dsm": 0.0})
    change = 2 * components["risk"] - components["dsm"]
    torch.testing.assert_close(weighted["clinical"], plain["clinical"] + change)
    torch.testing.assert_close(weighted["eq"], plain["eq"])


def test_consistency_terms_are_silent_until_weighted():
    readouts, batch = random_readouts(7), random_batch(7)
    _, silent = objective_losses(readouts, batch)
    _, speaking = objective_losses(readouts, batch, field_weights=TERM_WEIGHTS)
    assert not set(TERMS) & set(silent) and set(TERMS) <= set(speaking)


def test_a_model_without_an_objectives_heads_has_no_such_objective():
    objectives, components = objective_losses(random_readouts(8, names=["risk"]), random_batch(8))
    assert list(objectives) == ["clinical"] and list(components) == ["risk"]


def test_components_carry_no_graph():
    _, components = objective_losses(random_readouts(9), random_batch(9))
    assert not any(loss.requires_grad for loss in components.values())


def test_an_unknown_or_negative_weight_is_refused():
    with pytest.raises(ValueError, match="'rsik'"):
        objective_losses({}, {}, field_weights={"rsik": 1.0})
    with pytest.raises(ValueError, match="at least 0"):
        objective_losses({}, {}, field_weights={"risk": -1.0})


def test_a_wrong_label_is_named_with_its_field():
    readouts = random_readouts(0, rows=1, turns=1, names=["risk"])
    with pytest.raises(ValueError, match=r"risk: label 7 at \[0, 0\]"):
        objective_losses(readouts, {"risk": torch.tensor([[7]])}, check=True)


def test_the_losses_compile_into_one_graph():
    batch, readouts = random_batch(10), random_readouts(10, names=["dsm", "vad", "attachment", "risk"])  # one a kind
    counts = label_counts(batch)

    def total():
        return sum(objective_losses(readouts, batch, counts, check=True)[0].values())

    torch.testing.assert_close(torch.compile(total, backend="eager", fullgraph=True)(), total())
