import sys
from importlib.util import find_spec

import pytest
import torch
from torch.testing import assert_close

from pixel.balancing.weighting import WEIGHTINGS, GramWeighting

EXTRA = {"upgrad": "qpsolvers", "dualproj": "qpsolvers", "cagrad": "cvxpy", "fairgrad": "scipy", "nashmtl": "scipy"}
SOLVERS = [
    pytest.param(name, marks=pytest.mark.skipif(find_spec(EXTRA.get(name, "torchjd")) is None, reason="not installed"))
    for name in WEIGHTINGS
    if name not in ("sum", "mean")
]
BALANCED = [solver for solver in SOLVERS if solver.values[0] != "pcd"]  # which does not treat objectives alike


def conflicting_rows() -> torch.Tensor:
    rows = torch.randn(4, 6, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    rows[1] = -0.8 * rows[0] + 0.3 * rows[1]
    return rows


@pytest.mark.parametrize("name", BALANCED)
def test_equal_orthogonal_gradients_give_the_plain_sum(name):
    # FairGrad's least squares stops near 1e-8.
    assert_close(GramWeighting(name, 4)(7.0 * torch.eye(4)), torch.ones(4, dtype=torch.float64), atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("scale", [1e-10, 1e8])
def test_weights_do_not_depend_on_the_scale_of_the_losses(name, scale):
    rows = conflicting_rows()
    weighting = GramWeighting(name, 4)
    assert_close(weighting(scale * rows @ rows.T), weighting(rows @ rows.T), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", SOLVERS)
def test_an_objective_without_gradient_is_left_out_and_weighs_one(name):
    rows = conflicting_rows()
    padded = torch.cat([rows[:2], torch.zeros(1, 6, dtype=torch.float64), rows[2:]])
    weights = GramWeighting(name, 5)(padded @ padded.T, seed=5)
    assert weights[2] == 1
    assert_close(weights[[0, 1, 3, 4]], GramWeighting(name, 4)(rows @ rows.T, seed=5))


def test_upgrad_never_works_against_an_objective():
    pytest.importorskip("qpsolvers")
    rows = conflicting_rows()
    update = GramWeighting("upgrad", 4)(rows @ rows.T) @ rows
    assert (rows @ update >= -1e-8).all()
    assert (rows @ rows.sum(0) < 0).any(), "the plain sum does, or the case shows nothing"


def test_mgda_equals_the_closed_form_of_two_objectives():
    a, b = torch.tensor([3.0, 0.0]), torch.tensor([-1.0, 1.0])
    share = (b @ (b - a)) / (a - b).square().sum()  # argmin over c of |c a + (1 - c) b|
    weights = GramWeighting("mgda", 2)(torch.stack([a, b]) @ torch.stack([a, b]).T)
    assert_close(weights, 2 * torch.stack([share, 1 - share]).double(), atol=1e-3, rtol=1e-3)


def test_imtlg_gives_equal_projections_on_every_objective():
    rows = conflicting_rows()
    update = GramWeighting("imtlg", 4)(rows @ rows.T) @ rows
    projections = (rows / rows.norm(dim=1, keepdim=True)) @ update
    assert_close(projections, projections[:1].expand(4))


def test_nash_mtl_meets_its_bargaining_condition_and_fairgrad_its_own():
    rows = conflicting_rows()
    gram = rows @ rows.T / (rows @ rows.T).diagonal().mean()
    nash, fair = GramWeighting("nashmtl", 4)(gram), GramWeighting("fairgrad", 4)(gram)
    assert_close(gram @ nash, 1 / nash, atol=1e-4, rtol=1e-4)
    assert_close(gram @ fair, fair**-0.5, atol=1e-4, rtol=1e-4)


@pytest.mark.filterwarnings("ignore:You are solving a parameterized problem")
def test_nash_mtl_agrees_with_torchjds_solver():
    aggregation = pytest.importorskip("torchjd.aggregation")
    pytest.importorskip("cvxpy"), pytest.importorskip("ecos")
    rows = conflicting_rows()
    rows = rows / rows.square().sum(1).mean().sqrt()
    theirs = aggregation.NashMTL(n_tasks=4, max_norm=0.0, optim_niter=100).weighting(rows)
    assert_close(GramWeighting("nashmtl", 4)(rows @ rows.T), theirs.double(), atol=1e-2, rtol=1e-2)


def test_unit_norm_makes_all_parts_of_the_update_as_long_as_the_mean_gradient():
    rows = conflicting_rows()
    parts = GramWeighting("unitnorm", 4)(rows @ rows.T).unsqueeze(1) * rows
    assert_close(parts.norm(dim=1), rows.norm(dim=1).mean().expand(4))


def test_metabalance_goes_seven_tenths_of_the_way_to_the_first_objectives_magnitude():
    gram = torch.diag(torch.tensor([4.0, 100.0, 1.0]))  # norms 2, 10, 1
    # .7 * 2/10 + .3 and .7 * 2/1 + .3
    assert_close(GramWeighting("metabalance", 3)(gram), torch.tensor([1.0, 0.44, 1.7], dtype=torch.float64))


def test_pcd_follows_the_first_objective_and_keeps_the_others_share():
    gradients = torch.tensor([[1.0, 0.0], [-0.6, 0.8]], dtype=torch.float64)
    update = GramWeighting("pcd", 2)(gradients @ gradients.T) @ gradients
    assert_close(update.norm(), gradients[0].norm())
    # Unit gradients: d = g1 + mu g2 with g2 . d = .02, so mu = .62; then d is scaled to the length of g1.
    closest = gradients[0] + 0.62 * gradients[1]
    assert_close(update, closest / closest.norm(), atol=1e-6, rtol=1e-6)


def test_pcds_priorities_scale_the_share_and_nothing_is_remembered_between_calls():
    gradients = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    gram = gradients @ gradients.T
    weighting = GramWeighting("pcd", 2, torch.tensor([1.0, 25.0]))
    weighting(100 * torch.tensor([[1.0, -0.9], [-0.9, 4.0]]))
    closest = torch.tensor([1.0, 0.5], dtype=torch.float64)  # a share of .02 * 25
    assert_close(weighting(gram), closest / closest.norm(), atol=1e-6, rtol=1e-6)


def test_pcgrads_order_is_seeded_apart_from_the_global_generator():
    rows = conflicting_rows()
    gram, weighting = rows @ rows.T, GramWeighting("pcgrad", 4)
    before = torch.random.get_rng_state()
    assert_close(weighting(gram, seed=2), weighting(gram, seed=2), atol=0, rtol=0)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(("name", "expected"), [("sum", [2.0, 1.0]), ("mean", [1.0, 0.5])])
def test_priorities_are_fixed_weights_of_sum_and_mean(name, expected):
    weighting = GramWeighting(name, 2, torch.tensor([2.0, 1.0]))
    assert weighting(torch.eye(2)).tolist() == expected


@pytest.mark.parametrize("name", ["upgrad", "dualproj", "alignedmtl"])
def test_priorities_share_out_what_orthogonal_gradients_get(name):
    weighting = GramWeighting(name, 2, torch.tensor([30.0, 10.0]))
    assert_close(weighting(torch.eye(2)), torch.tensor([1.5, 0.5], dtype=torch.float64), atol=1e-6, rtol=1e-6)


def test_wrong_priorities_are_explained():
    with pytest.raises(ValueError, match="'mgda' takes no priorities; these do: sum, mean, upgrad"):
        GramWeighting("mgda", 2, torch.ones(2))
    with pytest.raises(ValueError, match="2 positive numbers"):
        GramWeighting("sum", 2, torch.tensor([1.0, -1.0]))


def test_an_unknown_name_lists_the_names():
    with pytest.raises(ValueError, match="unknown weighting 'krum'; the names are sum, mean, upgrad"):
        GramWeighting("krum", 2)


def test_missing_torchjd_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchjd.aggregation", None)
    with pytest.raises(ImportError, match='pip install "torchjd'):
        GramWeighting("mgda", 2)
    GramWeighting("sum", 2)


def test_a_missing_extra_says_how_to_install_it(monkeypatch):
    mixins = pytest.importorskip("torchjd._mixins")
    monkeypatch.setattr(mixins, "find_spec", lambda name: None if name in ("quadprog", "cvxpy") else find_spec(name))
    for name in ("upgrad", "cagrad"):
        with pytest.raises(ImportError, match="pip install"):
            GramWeighting(name, 2)
