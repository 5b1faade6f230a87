"""What holds for all four kinds of loss. Each against another road to the same number: see its own file."""

import pytest
import torch
import torch.nn.functional as F

from pixel.objectives import IGNORE, categorical_loss, multilabel_loss, ordinal_loss, score_loss

NAN = float("nan")


def multi_hot(batch=3, turns=4, classes=5):
    return torch.randint(0, 2, (batch, turns, classes)).float()


def class_ids(batch=3, turns=4, classes=5):
    return torch.randint(0, classes, (batch, turns))


KINDS = {
    # loss, labels, logits of the labels for a given strength, width of the logits
    "multilabel": (multilabel_loss, multi_hot, lambda y, s: s * (2 * y - 1), 5),
    "score": (score_loss, multi_hot, lambda y, s: s * (2 * y - 1), 5),
    "categorical": (categorical_loss, class_ids, lambda y, s: s * F.one_hot(y, 5).float(), 5),
    "ordinal": (ordinal_loss, class_ids, lambda y, s: s * (2.0 * (y.unsqueeze(-1) > torch.arange(4)) - 1), 4),
}


@pytest.fixture(params=KINDS)
def kind(request):
    torch.manual_seed(0)
    loss, labels, logits_for, width = KINDS[request.param]
    return loss, labels(), logits_for, width


def unlabelled(target):
    return torch.full_like(target, NAN if target.is_floating_point() else IGNORE)


def test_better_logits_cost_less(kind):
    loss, target, logits_for, _ = kind
    assert loss(logits_for(target, 4.0), target)[0] < loss(logits_for(target, -4.0), target)[0]


def test_a_sure_right_answer_costs_next_to_nothing(kind):
    loss, target, logits_for, _ = kind
    assert loss(logits_for(target, 40.0), target)[0] < 1e-6


def test_every_labelled_turn_is_counted(kind):
    loss, target, _, width = kind
    target[0, 1] = unlabelled(target[0, 1])
    assert loss(torch.randn(3, 4, width), target)[1].item() == 3 * 4 - 1


def test_unlabelled_turns_change_nothing(kind):
    loss, target, _, width = kind
    logits = torch.randn(3, 4, width)
    more_logits = torch.cat([logits, torch.full((3, 2, width), 1e4)], 1)
    more_target = torch.cat([target, unlabelled(target[:, :2])], 1)
    for one, other in zip(loss(logits, target), loss(more_logits, more_target), strict=True):
        torch.testing.assert_close(one, other)


def test_nothing_labelled_is_a_differentiable_zero(kind):
    loss, target, _, width = kind
    logits = torch.randn(3, 4, width, requires_grad=True)
    total, count = loss(logits, unlabelled(target))
    total.backward()
    assert (total.item(), count.item()) == (0.0, 0.0)
    assert torch.equal(logits.grad, torch.zeros_like(logits))


def test_unknown_labels_and_broken_padding_leak_no_nan_into_gradients(kind):
    loss, target, _, width = kind
    target[1] = unlabelled(target[1])
    if target.is_floating_point():
        target[0, 0, 2] = NAN
    broken = torch.randn(3, 4, width)
    broken[1] = NAN  # states of turns that do not exist may hold anything
    logits = broken.requires_grad_()
    total, _ = loss(logits, target)
    total.backward()
    assert total.isfinite() and logits.grad.isfinite().all()
    assert not logits.grad[1].any()


def test_bfloat16_logits_give_a_float32_loss(kind):
    loss, target, _, width = kind
    logits = torch.randn(3, 4, width).bfloat16()
    total, count = loss(logits, target)
    assert total.dtype == count.dtype == torch.float32
    torch.testing.assert_close(total, loss(logits.float(), target)[0])


def test_a_label_out_of_range_is_named_with_its_position(kind):
    loss, target, _, width = kind
    if target.is_floating_point():
        target[2, 1, 3], words = 1.5, r"1\.5 at \[2, 1, 3\]"
    else:
        target[2, 1], words = 9, r"9 at \[2, 1\]"
    with pytest.raises(ValueError, match=words):
        loss(torch.randn(3, 4, width), target)


def test_misshapen_targets_are_refused(kind):
    loss, target, _, width = kind
    with pytest.raises(ValueError, match="targets are"):
        loss(torch.randn(3, 5, width), target)


def test_gradients_are_those_of_finite_differences(kind):
    loss, target, _, width = kind
    logits = torch.randn(3, 4, width, requires_grad=True)
    total, _ = loss(logits, target)
    total.backward()
    step = torch.randn_like(logits)
    with torch.no_grad():
        ahead, behind = loss(logits + 0.01 * step, target)[0], loss(logits - 0.01 * step, target)[0]
    assert (logits.grad * step).sum().item() == pytest.approx(((ahead - behind) / 0.02).item(), rel=1e-2, abs=1e-2)
