import math

import pytest
import torch

from pixel.objectives.distribution_calibration import distribution_calibration_loss, objective_calibration

NAN = math.nan


def logit(values):
    return torch.logit(torch.tensor(values), eps=1e-6)


def test_right_on_average_is_free_even_where_every_turn_is_wrong():
    said, labels = logit([[0.1], [0.9]]).unsqueeze(0), torch.tensor([[[0.9], [0.1]]])
    assert distribution_calibration_loss("score", said, labels)[0].item() == pytest.approx(0.0, abs=1e-9)


def test_scores_cost_the_squared_shift_of_the_mean_averaged_over_dimensions():
    said = logit([[0.4, 0.5], [0.8, 0.5]]).unsqueeze(0)
    labels = torch.tensor([[[0.2, 0.5], [0.6, 0.5]]])
    total, count = distribution_calibration_loss("score", said, labels)
    assert total.item() / count.item() == pytest.approx((0.2**2 + 0.0) / 2, rel=1e-4)


def test_multilabel_costs_the_squared_gaps_of_prevalence_summed_over_classes():
    said = logit([[0.6, 0.2], [0.6, 0.4]]).unsqueeze(0)
    labels = torch.tensor([[[1.0, 0.0], [0.0, 0.0]]])
    total, count = distribution_calibration_loss("multilabel", said, labels)
    assert total.item() / count.item() == pytest.approx((0.6 - 0.5) ** 2 + 0.3**2, rel=1e-4)


def test_levels_cost_the_squared_gaps_between_cumulative_shares():
    said = logit([[0.9, 0.5], [0.7, 0.1]]).unsqueeze(0)  # P(at least 1), P(at least 2)
    labels = torch.tensor([[2, 0]])  # half are at least 1, half at least 2
    total, count = distribution_calibration_loss("ordinal", said, labels)
    assert total.item() / count.item() == pytest.approx((0.8 - 0.5) ** 2 + (0.3 - 0.5) ** 2, rel=1e-4)


def test_a_level_two_off_costs_twice_as_much_as_one_off():
    sure_of = torch.tensor([[[-50.0, -50.0]]])  # level 0
    one, two = (distribution_calibration_loss("ordinal", sure_of, torch.tensor([[y]]))[0].item() for y in (1, 2))
    assert (one, two) == (1.0, 2.0)


def test_classes_cost_the_squared_gaps_between_shares():
    said = torch.tensor([[[0.7, 0.2, 0.1], [0.1, 0.6, 0.3]]]).log()
    total, count = distribution_calibration_loss("categorical", said, torch.tensor([[0, 0]]))
    assert total.item() / count.item() == pytest.approx(0.6**2 + 0.4**2 + 0.2**2, rel=1e-4)


def test_unknown_turns_and_dimensions_are_left_out():
    said = logit([[0.4, 0.9], [0.8, 0.9], [0.99, 0.99]]).unsqueeze(0).requires_grad_()
    labels = torch.tensor([[[0.2, NAN], [0.6, NAN], [NAN, NAN]]])
    total, count = distribution_calibration_loss("score", said, labels)
    total.backward()
    assert total.item() / count.item() == pytest.approx(0.2**2, rel=1e-4) and count.item() == 2
    assert not said.grad[0, 2].any() and not said.grad[0, :, 1].any()
    assert distribution_calibration_loss("ordinal", torch.zeros(1, 2, 2), torch.tensor([[-100, 1]]))[1].item() == 1


def test_gradients_move_the_whole_batch_towards_the_labels_mean():
    logits = torch.zeros(1, 2, 1, requires_grad=True)  # says 0.5; people say 0.9 and 0.3: too low on average
    distribution_calibration_loss("score", logits, torch.tensor([[[0.9], [0.3]]]))[0].backward()
    assert (logits.grad < 0).all()  # also on the second turn, which alone would have to fall


def test_noise_of_a_small_batch_shows_as_variance_over_turns():
    torch.manual_seed(0)
    labels = (torch.rand(2000, 5, 1) < 0.5).float()  # coins, predicted perfectly at 0.5: no shift
    terms = [distribution_calibration_loss("score", torch.zeros(1, 5, 1), row.unsqueeze(0))[0] / 5 for row in labels]
    assert torch.stack(terms).mean().item() == pytest.approx(0.25 / 5, rel=0.1)


def test_an_objective_weighs_its_fields_by_their_labelled_turns():
    readouts = {"distress": logit([[0.8]] * 3).unsqueeze(0), "eq_total": logit([[0.4]] * 3).unsqueeze(0)}
    batch = {"distress": torch.full((1, 3, 1), 0.5), "eq_total": torch.tensor([[[0.5], [NAN], [NAN]]])}
    total, count = objective_calibration(["distress", "eq_total", "vad"], readouts, batch)
    assert total.item() == pytest.approx(3 * 0.3**2 + 0.1**2, rel=1e-4) and count.item() == 4


def test_nothing_labelled_is_a_differentiable_zero_even_at_infinite_logits():
    readouts = {"distress": torch.full((1, 2, 1), math.inf, requires_grad=True)}
    total, count = objective_calibration(["distress"], readouts, {})
    total.backward()
    assert (total.item(), count.item()) == (0.0, 0.0) and not readouts["distress"].grad.any()
