import pytest
import torch
from torch import nn
from torch.testing import assert_close

from pixel.balancing.balancer import Balancer
from pixel.balancing.fork import Fork
from tests.balancing.parts import OBJECTIVES, Toy, conversations, dense_gradients, gradients


def toy_with(**options) -> tuple[Toy, Balancer]:
    balancer = Balancer(OBJECTIVES, **options)
    return Toy(Fork(balancer)), balancer


def plain_gradients(**batch) -> dict[str, torch.Tensor]:
    plain = Toy()
    plain(*conversations(**batch)).backward()
    return gradients(plain)


@pytest.mark.parametrize("monitor", [False, True])
def test_plain_sum_equals_autograd_for_trunk_and_heads(monitor):
    toy, _ = toy_with(monitor=monitor)
    toy(*conversations()).backward()
    expected = plain_gradients()
    assert gradients(toy).keys() == expected.keys()
    for name, gradient in gradients(toy).items():
        assert_close(gradient, expected[name], atol=1e-6, rtol=1e-6)


def test_forward_values_are_untouched():
    toy, _ = toy_with(weighting="upgrad")
    assert_close(toy(*conversations()), Toy()(*conversations()), atol=0, rtol=0)


def test_double_precision_stays_double():
    inputs, pooling = conversations()
    toy, plain = toy_with()[0].double(), Toy().double()
    toy(inputs.double(), pooling).backward()
    plain(inputs.double(), pooling).backward()
    for name, gradient in gradients(toy).items():
        assert_close(gradient, gradients(plain)[name], atol=1e-14, rtol=1e-12)


def test_the_trunk_gets_the_weighted_gradient_and_heads_keep_their_own():
    toy, balancer = toy_with()
    balancer.in_backward = lambda gram: torch.tensor([0.5, 2.0, 0.0, -1.0, 3.0])
    inputs, pooling = conversations()
    hidden = toy.trunk(inputs).detach().requires_grad_()
    sum(toy.read(hidden, pooling).values()).backward()
    expected = torch.tensor([0.5, 2.0, 0.0, -1.0, 3.0]) @ dense_gradients(toy, inputs, pooling)
    assert_close(hidden.grad.flatten(), expected, atol=1e-7, rtol=1e-5)
    for name, gradient in plain_gradients().items():
        if name.startswith("heads"):
            assert_close(gradients(toy)[name], gradient, atol=1e-7, rtol=1e-6)


@pytest.mark.parametrize("name", ["upgrad", "mgda", "pcgrad", "imtlg", "alignedmtl", "dualproj"])
def test_the_combined_gradient_is_torchjds_own_on_the_dense_gradients(name):
    aggregation, linalg = pytest.importorskip("torchjd.aggregation"), pytest.importorskip("torchjd.linalg")
    projector = linalg.QuadprogProjector(norm_eps=1e-9, reg_eps=1e-9)
    theirs, scale = {
        "upgrad": (aggregation.UPGrad(projector=projector), 5),
        "mgda": (aggregation.MGDA(), 5),
        "pcgrad": (aggregation.PCGrad(), 1),
        "imtlg": (aggregation.IMTLG(), 5),
        "alignedmtl": (aggregation.AlignedMTL(), 5),
        "dualproj": (aggregation.DualProj(projector=projector), 5),
    }[name]
    toy, balancer = toy_with(weighting=name)
    inputs, pooling = conversations()
    rows = dense_gradients(toy, inputs, pooling).double()
    cosine = nn.functional.cosine_similarity(rows.unsqueeze(1), rows.unsqueeze(0), dim=-1)
    assert (cosine < -1e-3).any(), "the case must hold a conflict"
    hidden = toy.trunk(inputs).detach().requires_grad_()
    sum(toy.read(hidden, pooling).values()).backward()
    torch.manual_seed(1)  # PCGrad's order at the balancer's first solve
    assert_close(hidden.grad.flatten().double(), scale * theirs(rows), atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("absent", ["language", "eq"])
def test_a_missing_objective_gets_weight_one_and_leaves_the_others_as_if_it_were_not_there(absent):
    aggregation, linalg = pytest.importorskip("torchjd.aggregation"), pytest.importorskip("torchjd.linalg")
    toy, balancer = toy_with(weighting="upgrad")
    inputs, pooling = conversations()
    hidden = toy.trunk(inputs).detach().requires_grad_()
    losses = toy.read(hidden, pooling)
    del losses[absent]
    sum(losses.values()).backward()
    kept = [index for index, name in enumerate(OBJECTIVES) if name != absent]
    theirs = aggregation.UPGrad(projector=linalg.QuadprogProjector(norm_eps=1e-9, reg_eps=1e-9))
    expected = 4 * theirs(dense_gradients(toy, inputs, pooling)[kept].double())
    assert_close(hidden.grad.flatten().double(), expected, atol=1e-6, rtol=1e-4)
    assert balancer.weights[OBJECTIVES.index(absent)] == 1


def test_a_differentiable_zero_counts_as_missing():
    toy, balancer = toy_with(weighting="mgda")
    inputs, pooling = conversations()
    losses = toy.read(toy.trunk(inputs), pooling)
    (sum(losses.values()) - losses["eq"] + 0 * losses["eq"]).backward()
    assert balancer.weights[1] == 1
    assert (balancer.weights[[0, 2, 3, 4]] != 1).all()


def test_without_gradients_the_fork_is_a_plain_view():
    fork = Fork(Balancer(OBJECTIVES, weighting="upgrad"))
    hidden, pooling = torch.randn(3, 7, 4, requires_grad=True), conversations()[1]
    with torch.no_grad():
        language, states = fork(hidden, pooling)
    assert language is hidden
    assert tuple(states) == OBJECTIVES[1:]
    assert_close(states["eq"][0, 0], hidden.detach()[0, :3].mean(0))
    assert_close(states["eq"][1, 2], torch.zeros(4))


def test_heads_train_on_a_frozen_trunk():
    toy, _ = toy_with(weighting="upgrad")
    toy.trunk.requires_grad_(False)
    toy(*conversations()).backward()
    expected = plain_gradients()
    found = gradients(toy)
    assert found and all(name.startswith("heads") for name in found)
    for name, gradient in found.items():
        assert_close(gradient, expected[name], atol=1e-6, rtol=1e-6)


def test_a_non_finite_gradient_falls_back_to_uniform_weights_and_is_counted():
    toy, balancer = toy_with(weighting="upgrad")
    inputs, pooling = conversations()
    losses = toy.read(toy.trunk(inputs), pooling)
    (sum(losses.values()) + losses["eq"] * float("inf")).backward()
    assert balancer.weights.tolist() == [1.0] * 5
    assert balancer.fallbacks == 1
    toy(inputs, pooling).backward()
    assert balancer.weights.tolist() != [1.0] * 5
    assert balancer.fallbacks == 1


def test_autocast_around_forward_and_backward_leaves_the_gram_in_float32():
    toy, balancer = toy_with(weighting="upgrad", monitor=True)
    inputs, pooling = conversations()
    hidden = toy.trunk(inputs).detach().requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        language, states = toy.fork(hidden, pooling)
        assert states["eq"].dtype == torch.float32
        (language.square().sum() + sum(state.float().sum() for state in states.values())).backward()
    rows = torch.stack([2 * hidden.detach(), *[pooling.sum(1)[..., None].expand_as(hidden)] * 4]).flatten(1)
    assert_close(balancer.log.gram, (rows @ rows.T).double(), atol=1e-3, rtol=1e-5)


def test_bfloat16_runs_and_is_close_to_float32():
    toy, _ = toy_with(weighting="mgda")
    inputs, pooling = conversations()
    toy(inputs, pooling).backward()
    half = toy_with(weighting="mgda")[0].bfloat16()
    half(inputs.bfloat16(), pooling).backward()
    for name, gradient in gradients(half).items():
        assert gradient.dtype == torch.bfloat16
        cosine = nn.functional.cosine_similarity(gradient.float().flatten(), gradients(toy)[name].flatten(), dim=0)
        assert cosine > 0.99


def test_inside_a_checkpointed_region_the_fork_counts_once():
    toy, balancer = toy_with(weighting="upgrad", timing="previous_step")
    inputs, pooling = conversations()
    losses = torch.utils.checkpoint.checkpoint(
        lambda x: sum(toy.read(toy.trunk(x), pooling).values()), inputs, use_reentrant=False
    )
    losses.backward()
    balancer.step()
    rows = dense_gradients(toy, inputs, pooling).double()
    assert_close(balancer.log.gram, rows @ rows.T, atol=1e-6, rtol=1e-4)
    for name, gradient in plain_gradients().items():
        assert_close(gradients(toy)[name], gradient, atol=1e-6, rtol=1e-5)


def test_language_alone_needs_no_turns():
    fork = Fork(Balancer(("language",)))
    hidden = torch.randn(1, 4, 2, requires_grad=True)
    language, states = fork(hidden, torch.zeros(1, 0, 4))
    language.square().sum().backward()
    assert states == {}
    assert_close(hidden.grad, 2 * hidden.detach())


def test_shapes_that_do_not_belong_together_are_named():
    fork = Fork(Balancer(OBJECTIVES))
    with pytest.raises(ValueError, match=r"\(2, 5, 4\) and \(2, 3, 6\)"):
        fork(torch.zeros(2, 5, 4), torch.zeros(2, 3, 6))
