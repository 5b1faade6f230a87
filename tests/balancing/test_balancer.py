import pytest
import torch
from torch.testing import assert_close

from pixel.balancing.balancer import Balancer
from pixel.balancing.fork import Fork
from pixel.balancing.weighting import GramWeighting
from tests.balancing.parts import OBJECTIVES, Toy, conversations, gradients

CONFLICT = torch.tensor([[9.0, -3.0], [-3.0, 2.0]])
HARMONY = torch.tensor([[4.0, 1.0], [1.0, 1.0]])
NOT_FINITE = torch.tensor([[float("nan"), 0.0], [0.0, 1.0]])


def upgrad(gram: torch.Tensor) -> torch.Tensor:
    return GramWeighting("upgrad", len(gram))(gram)


def train(micro_batch: int, steps: int = 4, **options) -> tuple[Toy, Balancer]:
    """Plain SGD on 8 conversations a step, in micro-batches."""
    balancer = Balancer(OBJECTIVES, **options)
    toy = Toy(Fork(balancer))
    optimizer = torch.optim.SGD(toy.parameters(), lr=0.3)
    for step in range(steps):
        inputs, pooling = conversations(batch=8, seed=step)
        optimizer.zero_grad()
        for start in range(0, 8, micro_batch):
            rows = slice(start, start + micro_batch)
            (toy(inputs[rows], pooling[rows]) * micro_batch / 8).backward()
        optimizer.step()
        balancer.step()
    return toy, balancer


@pytest.mark.parametrize("weighting", ["upgrad", "mgda", "pcgrad"])
def test_one_batch_of_eight_equals_eight_of_one_with_the_previous_steps_weights(weighting):
    options = {"weighting": weighting, "timing": "previous_step", "ema": 0.5}
    (whole, one), (pieces, eight) = train(8, **options), train(1, **options)
    assert_close(one.weights, eight.weights, atol=1e-4, rtol=1e-4)
    assert (one.weights - 1).abs().max() > 0.05, "the weights must matter"
    for left, right in zip(whole.parameters(), pieces.parameters(), strict=True):
        assert_close(left, right, atol=1e-5, rtol=1e-5)


def test_the_previous_steps_weights_act_one_step_later():
    balancer = Balancer("ab", "upgrad", timing="previous_step")
    assert balancer.in_backward(CONFLICT).tolist() == [1.0, 1.0]
    assert balancer.in_backward(CONFLICT).tolist() == [1.0, 1.0]
    balancer.step()
    assert_close(balancer.in_backward(HARMONY), upgrad(2 * CONFLICT))
    balancer.step()
    assert_close(balancer.in_backward(HARMONY), upgrad(HARMONY))


def test_immediate_weights_are_those_of_the_very_gram_and_step_changes_nothing():
    balancer = Balancer("ab", "upgrad")
    assert_close(balancer.in_backward(CONFLICT), upgrad(CONFLICT))
    balancer.step()
    assert_close(balancer.weights, upgrad(CONFLICT))
    assert_close(balancer.in_backward(HARMONY), upgrad(HARMONY))


def test_the_average_starts_at_the_first_gram_and_forgets_at_the_given_rate():
    balancer = Balancer("ab", "upgrad", timing="previous_step", ema=0.75)
    for gram in (CONFLICT, HARMONY):
        balancer.in_backward(gram)
        balancer.step()
    assert_close(balancer.weights, upgrad(0.75 * CONFLICT + 0.25 * HARMONY))


def test_a_step_without_a_backward_pass_keeps_what_is_known():
    balancer = Balancer("ab", "upgrad", timing="previous_step", ema=0.9)
    balancer.in_backward(CONFLICT)
    balancer.step()
    weights = balancer.weights
    balancer.step()
    assert torch.equal(balancer.weights, weights)


def test_the_plain_sum_forms_no_gram_unless_monitored(monkeypatch):
    import pixel.balancing.fork as fork

    monkeypatch.setattr(fork, "factored_gram", lambda *args: pytest.fail("no Gram matrix was asked for"))
    _, balancer = train(8, steps=1)
    assert balancer.last == {f"weight/{name}": 1.0 for name in OBJECTIVES} | {"fallbacks": 0.0}


def test_the_monitored_plain_sum_logs_norms_cosines_and_conflicts():
    last = train(4, monitor=True)[1].last
    assert last["weight/eq"] == 1.0
    assert last["cosine/eq_persona"] < 0 < last["gradient_norm/language"]
    assert 0 < last["conflict_fraction"] <= last["conflict_fraction/eq_persona"] == 1.0
    assert all(type(value) is float for value in last.values())


def test_priorities_by_name_weigh_the_trunk_only():
    balancer = Balancer(OBJECTIVES, priorities={"eq": 3.0})
    assert balancer.weights.tolist() == [1.0, 3.0, 1.0, 1.0, 1.0]
    toy, plain, batch = Toy(Fork(balancer)), Toy(), conversations()
    toy(*batch).backward()
    losses = plain.read(plain.trunk(batch[0]), batch[1])
    (sum(losses.values()) + 2 * losses["eq"]).backward()
    assert_close(toy.trunk[0].weight.grad, plain.trunk[0].weight.grad, atol=1e-6, rtol=1e-5)
    assert_close(3 * toy.heads["eq"].weight.grad, plain.heads["eq"].weight.grad, atol=1e-6, rtol=1e-5)


def test_with_lora_as_source_only_probes_move_the_weights():
    balancer = Balancer("ab", "upgrad", source="lora", ema=0.5)
    assert balancer.in_backward(CONFLICT).tolist() == [1.0, 1.0]
    balancer.step()
    assert balancer.weights.tolist() == [1.0, 1.0]
    assert balancer.last["conflict_fraction"] == 1.0
    balancer.observe(HARMONY)
    assert_close(balancer.in_backward(CONFLICT), upgrad(HARMONY))
    balancer.observe(CONFLICT)
    assert_close(balancer.weights, upgrad((HARMONY + CONFLICT) / 2))
    assert balancer.last["probe/conflict_fraction"] == 0.5


def test_a_probe_is_only_logged_where_the_representation_decides():
    balancer = Balancer("ab", "upgrad")
    balancer.observe(CONFLICT)
    assert balancer.weights.tolist() == [1.0, 1.0]
    assert balancer.last["probe/cosine/a_b"] < 0


def test_non_finite_grams_are_counted_and_never_kept():
    now = Balancer("ab", "upgrad", ema=0.5)
    now.in_backward(CONFLICT)
    assert now.in_backward(NOT_FINITE).tolist() == [1.0, 1.0]
    assert_close(now.in_backward(CONFLICT), upgrad(CONFLICT))
    later = Balancer("ab", "upgrad", timing="previous_step")
    later.in_backward(CONFLICT)
    later.in_backward(NOT_FINITE)
    later.step()
    assert_close(later.weights, upgrad(CONFLICT))
    probed = Balancer("ab", "upgrad", source="lora")
    probed.observe(NOT_FINITE)
    assert now.fallbacks == later.fallbacks == probed.fallbacks == 1


def test_a_failing_solver_gives_uniform_weights_a_warning_and_a_count(monkeypatch):
    balancer = Balancer("ab", "mgda")

    def fail(gram, seed):
        raise ValueError("Failed to solve")

    monkeypatch.setattr(balancer.weighting, "_weighting", lambda active: lambda gram: fail(gram, 0))
    with pytest.warns(UserWarning, match="mgda found no weights, using uniform ones: Failed to solve"):
        assert balancer.in_backward(CONFLICT).tolist() == [1.0, 1.0]
    assert balancer.fallbacks == 1


def test_paused_is_the_plain_sum_without_a_record_even_with_priorities():
    balancer = Balancer(OBJECTIVES, "upgrad", priorities=[5, 1, 1, 1, 1])
    toy, plain, batch = Toy(Fork(balancer)), Toy(), conversations()
    with balancer.paused():
        toy(*batch).backward()
    plain(*batch).backward()
    for name, gradient in gradients(plain).items():
        assert_close(gradients(toy)[name], gradient, atol=1e-6, rtol=1e-6)
    assert balancer.log.gram is None and balancer.wants_gram


@pytest.mark.parametrize("weighting", ["upgrad", "pcgrad"])
def test_a_resumed_run_continues_as_if_never_stopped(weighting, tmp_path):
    def fresh():
        return Balancer("ab", weighting, timing="previous_step", ema=0.6)

    whole, stopped = fresh(), fresh()
    for gram in (CONFLICT, HARMONY):
        for balancer in (whole, stopped):
            balancer.in_backward(gram)
            balancer.step()
            balancer.observe(gram)
    torch.save(stopped.state_dict(), tmp_path / "balancer.pt")
    resumed = fresh()
    resumed.load_state_dict(torch.load(tmp_path / "balancer.pt", weights_only=True))
    for balancer in (whole, resumed):
        balancer.in_backward(CONFLICT)
        balancer.step()
    assert resumed.last == whole.last
    assert all(isinstance(value, (torch.Tensor, float)) for value in resumed.state_dict().values())


def test_a_state_of_other_objectives_is_refused():
    with pytest.raises(ValueError, match="has 2 objectives, the balancer has 5"):
        Balancer(OBJECTIVES).load_state_dict(Balancer("ab").state_dict())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weighting": "nope"}, "unknown weighting"),
        ({"source": "dreams"}, "source must be"),
        ({"timing": "later"}, "timing must be"),
        ({"ema": 1.0}, "ema must be"),
        ({"priorities": {"c": 1.0}}, "unknown objectives"),
        ({"objectives": "aa"}, "distinct names"),
    ],
)
def test_wrong_options_are_refused_with_a_reason(options, message):
    with pytest.raises(ValueError, match=message):
        Balancer(**{"objectives": "ab"} | options)
