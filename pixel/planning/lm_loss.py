"""What the language loss takes: TRL's tiles, or whole logits."""

from pixel.planning.setup import Setup

TILE_TOKENS, TILE_WIDTH = 4096, 32768
"""Tokens and vocabulary entries of a tile (`trl.kernels.chunked_logprob`, `trl.trainer.utils`; TRL 1.16)."""
FOLDS = 7.25
"""Tiles in float32 that `_backward_tile` holds at once where there is no Triton: scaled logits twice, log p, p, the
gradient, two more while it is filled, and a quarter for the booleans that mark the target."""


def lm_loss(setup: Setup) -> int:
    """
    Bytes beyond the saved states while the loss goes backward.

    Tiles: one tile in the trunk's dtype (on a CPU, `FOLDS` more in float32), the gradient of the hidden states in
    float32, and, if the head is trained, its gradient in float32 beside the one handed on.
    """
    a, b = setup.architecture, setup.width
    tokens = setup.rows * (setup.length - 1)
    if not setup.fused_loss:  # logits, their float32 copy, log-probabilities, and the gradient of each
        return tokens * a.vocab * (2 * b + 3 * 4) + trained_head(setup) * b
    rows = min(tokens, TILE_TOKENS)
    tile = rows * TILE_WIDTH * b
    if setup.machines.device.is_cpu:
        folds = max(FOLDS * rows, rows + a.hidden if b < 4 else 0)  # then products in float32, of copies if need be
        tile += int(folds * min(TILE_WIDTH, a.vocab) * 4)
    return tile + tokens * a.hidden * 4 + trained_head(setup) * 4


def trained_head(setup: Setup) -> int:
    """Elements of the LM head's gradient: none under adapters."""
    return setup.architecture.vocab * setup.architecture.hidden if setup.full else 0
