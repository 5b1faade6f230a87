"""Whether a language model itself prefers the reply that was given to one given to somebody else."""

from collections.abc import Sequence

import numpy as np

from pixel.evaluation.conversation.exchanges import Exchange

LEAST = [{"role": "user", "content": "Hello."}]
"""The message that stands for no context; it tells nothing of the talk."""
MOST_MESSAGES = 5


def pointwise_information(given: Sequence[Exchange], tokenizer, network, batch_tokens: int = 4096) -> np.ndarray:
    r"""
    How much likelier a reply is after what was said than after a mere greeting, in nats a token:

    .. math:: \frac{1}{|r|} \left( \log p(r \mid \text{messages}) - \log p(r \mid \text{greeting}) \right)

    Args:
        given: exchanges with `messages`; the last five are used.
        tokenizer, network: a causal language model with a chat template, in evaluation mode.
        batch_tokens: padded tokens a batch.

    Returns:
        float `[exchanges]`.

    Source: Li et al., "A diversity-promoting objective function for neural conversation models", NAACL 2016 (mutual
    information of message and reply).
    """
    after = [list(one.messages[-MOST_MESSAGES:]) for one in given]
    replies = [one.reply for one in given]
    with_it = reply_log_likelihood(after, replies, tokenizer, network, batch_tokens)
    without = reply_log_likelihood([LEAST] * len(given), replies, tokenizer, network, batch_tokens)
    return with_it - without


def reply_log_likelihood(
    contexts: Sequence[Sequence[dict]], replies: Sequence[str], tokenizer, network, batch_tokens: int = 4096
) -> np.ndarray:
    """Float `[replies]`: mean log-likelihood of a reply's tokens, in nats; NaN for a reply without tokens."""
    import torch

    prompts = [
        tokenizer.apply_chat_template(
            [{"role": m["role"], "content": m["content"]} for m in messages],
            tokenize=False,
            add_generation_prompt=True,
        )
        for messages in contexts
    ]
    heads = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in prompts]
    tails = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in replies]
    order = sorted(range(len(heads)), key=lambda row: -(len(heads[row]) + len(tails[row])))
    out, place = np.full(len(heads), np.nan), 0
    while place < len(order):
        longest = len(heads[order[place]]) + len(tails[order[place]])
        rows = order[place : place + max(1, batch_tokens // max(1, longest))]
        place += len(rows)
        ids = torch.full((len(rows), longest), tokenizer.pad_token_id or 0)
        mask = torch.zeros_like(ids)
        for line, row in enumerate(rows):
            both = heads[row] + tails[row]
            ids[line, : len(both)] = torch.tensor(both)
            mask[line, : len(both)] = 1
        with torch.no_grad():
            logits = network(input_ids=ids.to(network.device), attention_mask=mask.to(network.device)).logits
        for line, row in enumerate(rows):
            start, end = len(heads[row]), len(heads[row]) + len(tails[row])
            if end > start:
                said = logits[line, start - 1 : end - 1].float().log_softmax(-1).cpu()
                chosen = said.gather(1, ids[line, start:end].unsqueeze(1))
                out[row] = float(chosen.mean())
    return out
