import torch
import torch.nn.functional as F

from pixel.objectives import ordinal_loss


def test_ordinal_is_the_sum_of_binary_cross_entropies_of_the_steps():
    torch.manual_seed(2)
    logits, levels = torch.randn(3, 5, 2), torch.randint(0, 3, (3, 5))
    steps = torch.stack([levels >= 1, levels >= 2], -1).float()
    expected = F.binary_cross_entropy_with_logits(logits, steps, reduction="sum")
    torch.testing.assert_close(ordinal_loss(logits, levels)[0], expected)


def test_a_near_miss_costs_less_than_a_far_one():
    says_two = torch.tensor([[[3.0, 3.0]]])
    near, far = (ordinal_loss(says_two, torch.tensor([[level]]))[0] for level in (1, 0))
    assert near < far
