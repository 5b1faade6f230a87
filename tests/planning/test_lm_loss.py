import pytest
import torch
from trl.kernels.chunked_logprob import ChunkedLogProbFunction

from pixel.benchmarks.peak_memory import highest
from pixel.planning.lm_loss import lm_loss
from tests.planning.shapes import TINY, setup


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("rank", [0, 4])
def test_the_loss_going_backward_takes_what_the_allocator_says(dtype, rank):
    rows, length, vocab, width = 2, 33, 3000, 64
    planned = setup(
        TINY | {"vocab_size": vocab, "hidden_size": width}, "cpu", dtype=dtype, bf16=False, rows=rows, length=length,
        lora_rank=rank,
    )  # fmt: skip
    tokens = rows * (length - 1)
    hidden = torch.randn(tokens, width, dtype=getattr(torch, dtype)).requires_grad_()
    weight = torch.randn(vocab, width, dtype=getattr(torch, dtype)).requires_grad_(not rank)
    targets = torch.randint(0, vocab, (tokens,))
    given = (hidden, weight, None, targets, 1.0, 32768, None, 1.0, ("log_probs", "entropy", "is_top1"))
    loss = ChunkedLogProbFunction.apply(*given)[0].sum()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        loss.backward()
    assert lm_loss(planned) == pytest.approx(highest(profile), rel=0.02)


def test_a_gpu_folds_its_tiles_in_place():
    planned = setup(rows=1, length=4097, dtype="bfloat16", lora_rank=8)
    assert lm_loss(planned) == 4096 * 32768 * 2 + 4096 * 2048 * 4


def test_whole_logits_cost_more_than_tiles():
    tiles, whole = (setup(rows=4, length=4096, fused_loss=fused) for fused in (True, False))
    assert lm_loss(whole) > 4 * lm_loss(tiles)
