"""Language objective: predict the next token of what the model learns to say."""

import torch.nn.functional as F
from torch import Tensor

from pixel.objectives.checks import IGNORE


def language_loss(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    Token cross-entropy: the logits at position :math:`i` predict the label at :math:`i + 1`.

    .. math:: L = -\sum_{i : y_{i+1} \ne \mathrm{IGNORE}} \log \mathrm{softmax}(z_i)_{y_{i+1}}

    Pixel's trainer takes its language loss from TRL, which never materialises these logits; this form is the plain
    reference it is tested against, and serves models trained outside TRL.

    Args:
        logits (`Tensor`): float `[batch, tokens, vocabulary]`.
        labels (`Tensor`): int `[batch, tokens]`: token ids, `IGNORE` where the model does not learn.

    Returns:
        `(total, count)`: scalar float32 each, the loss summed over learnt tokens and their number. Dividing the sums
        of several micro-batches by the sum of their counts gives the mean over tokens of the whole batch.

    Raises:
        ValueError: `labels` are not `[batch, tokens]`.

    Example:
        >>> import torch
        >>> total, count = language_loss(torch.zeros(1, 3, 2), torch.tensor([[0, 1, IGNORE]]))
        >>> round(total.item(), 4), count.item()
        (0.6931, 1.0)
    """
    if labels.shape != logits.shape[:-1]:
        raise ValueError(f"labels are {list(labels.shape)}; these logits need {list(logits.shape[:-1])}")
    shifted, following = logits[:, :-1].float(), labels[:, 1:]
    total = F.cross_entropy(shifted.flatten(0, 1), following.flatten(), ignore_index=IGNORE, reduction="sum")
    return total, (following != IGNORE).sum().float()
