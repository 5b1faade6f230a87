"""A local model's replies, in batches of like length."""

from collections.abc import Sequence

ROOM = 16
"""Tokens that a prompt leaves free beside the reply."""


def generate(
    network, tokenizer, conversations: Sequence[list[dict]], *, max_new_tokens: int, temperature: float, seed: int,
    batch_tokens: int,
) -> list[str]:  # fmt: skip
    """
    The next message of each conversation.

    Prompts are padded on the left and masked. Where a conversation does not fit into the context its oldest messages
    are left out (a system message stays).

    Args:
        network: a causal language model in evaluation mode.
        tokenizer: with a chat template.
        conversations: messages each.
        max_new_tokens: of a reply.
        temperature: 0 for the likeliest token each time.
        seed: of the draws; a batch's draws depend on its place.
        batch_tokens: prompts and replies of a batch together, padded.

    Returns:
        texts without special tokens, in order.
    """
    import torch

    prompts = [_prompt(network, tokenizer, messages, max_new_tokens) for messages in conversations]
    order = sorted(range(len(prompts)), key=lambda number: -len(prompts[number]))
    replies = [""] * len(prompts)
    batch: list[int] = []
    batches = []
    for number in order:
        if batch and (len(prompts[batch[0]]) + max_new_tokens) * (len(batch) + 1) > batch_tokens:
            batches.append(batch)
            batch = []
        batch.append(number)
    batches += [batch] if batch else []
    for place, batch in enumerate(batches):
        longest = len(prompts[batch[0]])
        ids = torch.full((len(batch), longest), tokenizer.pad_token_id or 0)
        mask = torch.zeros_like(ids)
        for row, number in enumerate(batch):
            ids[row, longest - len(prompts[number]) :] = torch.tensor(prompts[number])
            mask[row, longest - len(prompts[number]) :] = 1
        draw = {"do_sample": True, "temperature": temperature} if temperature > 0 else {"do_sample": False}
        torch.manual_seed(seed + place)
        with torch.no_grad():
            made = network.generate(
                input_ids=ids.to(network.device), attention_mask=mask.to(network.device),
                max_new_tokens=max_new_tokens, pad_token_id=tokenizer.pad_token_id or 0, top_p=None, top_k=None,
                **({"temperature": None} if temperature <= 0 else {}), **draw,
            )  # fmt: skip
        for row, number in enumerate(batch):
            said = made[row, longest:].tolist()
            replies[number] = tokenizer.decode(said, skip_special_tokens=True).strip()
    return replies


def _prompt(network, tokenizer, messages: list[dict], max_new_tokens: int) -> list[int]:
    config = getattr(network.config, "text_config", network.config)
    limit = max(ROOM, config.max_position_embeddings - max_new_tokens - ROOM)
    first = 1 if messages[0]["role"] == "system" else 0
    head, rest = messages[:first], messages[first:]
    while True:
        text = tokenizer.apply_chat_template([*head, *rest], tokenize=False, add_generation_prompt=True)
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        if len(ids) <= limit:
            return ids
        if len(rest) <= 1:
            return ids[-limit:]
        rest = rest[1:]
