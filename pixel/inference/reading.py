"""Conversations in, read-outs out: batched by length, in windows where they are longer than the context."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from pixel.data.errors import ConversationError
from pixel.data.rendering import render
from pixel.data.windows import Window, windows
from pixel.models.configuration_pixel import PixelConfig
from pixel.models.labels import FIELDS
from pixel.models.readouts import turn_record


def shown_fields(config: PixelConfig, wanted: Sequence[str] | None = None, untrained: bool = False) -> list[str]:
    """
    The label fields whose read-outs are shown.

    Args:
        config: of the model.
        wanted: some of them by name; `None` for all.
        untrained: also those that have a head but were not trained (random numbers; for development).

    Raises:
        ValueError: a name that is no field or that this model does not read, or a model that reads nothing.
    """
    known = list(config.fields) if untrained else [name for name in config.trained_fields if name in config.fields]
    if not known:
        raise ValueError("this model was not trained to read turns. Mend: train it with recipes/train.py")
    for name in wanted or ():
        if name not in known:
            problem = "was not trained in this model" if name in FIELDS else "is not a field"
            raise ValueError(f"{name!r} {problem}. Mend: use some of: {', '.join(known)}")
    return [name for name in FIELDS if name in known and (not wanted or name in wanted)]


@dataclass(frozen=True)
class _Piece:
    conversation: int
    ids: list[int]
    window: Window


class ConversationReader:
    """
    Reads every turn of many conversations; only the layers up to `config.readout_layer` run.

    A conversation longer than `max_length` is read in windows (`pixel.data.windows`), each turn in the one where it is
    fresh. A batch holds windows of like length. Padding is on the right and attention is causal, so no mask is needed
    and what a turn reads does not depend on its neighbours in the batch.

    Args:
        network: in evaluation mode, on its device.
        tokenizer: its tokenizer.
        fields: the fields to show, from `shown_fields`.
        max_length: tokens a window; `None` for what the backbone's positions allow.
        batch_tokens: padded tokens a batch. A longer window is a batch by itself.

    Example:
        >>> reader = ConversationReader(network, tokenizer, fields=["emotion", "risk"])
        >>> reader.read([[{"role": "user", "content": "I can't sleep."}]])
        [[{"index": 0, "role": "user", "emotion": {"labels": {...}}, "risk": {"severity": [...]}}]]
    """

    def __init__(
        self, network, tokenizer, *, fields: list[str], max_length: int | None = None, batch_tokens: int = 4096
    ):
        self.network, self.tokenizer, self.fields = network, tokenizer, fields
        self.max_length = max_length or network.config.text_config.max_position_embeddings
        self.batch_tokens = batch_tokens

    def read(
        self, conversations: Sequence[list[dict]], names: Sequence | None = None
    ) -> list[list[dict] | ConversationError]:
        """
        Args:
            conversations: messages (`{"role", "content"}`) each.
            names: of the conversations, for errors.

        Returns:
            for each conversation, in order: one record a message, `{"index", "role", **turn_record(...)}`, or the
            error that kept it from being read (the template cannot render it).

        Raises:
            ConversationError: the model answers with numbers that are not finite.
        """
        results: list[list[dict] | ConversationError] = []
        pieces: list[_Piece] = []
        for number, messages in enumerate(conversations):
            name = names[number] if names is not None else number
            try:
                pieces += self._cut(number, messages, name)
            except ConversationError as error:
                results.append(error)
            else:
                results.append([{"index": i, "role": message["role"]} for i, message in enumerate(messages)])
        for batch in self._batches(pieces):
            self._fill(results, batch)
        return results

    def _cut(self, number: int, messages: list[dict], name) -> list[_Piece]:
        try:
            ids, blocks = render(self.tokenizer, messages, row=name)
        except ConversationError:
            raise
        except Exception as error:  # templates raise jinja2's own and whatever their authors chose; none is repeated
            raise ConversationError(
                f"the chat template cannot render it ({type(error).__name__})", row=name, field="messages",
                mend="bring the roles into the order the template asks for",
            ) from None  # fmt: skip
        cut = windows(blocks, [message["role"] for message in messages], self.max_length)
        return [_Piece(number, [ids[token] for token in window.tokens], window) for window in cut if window.turns]

    def _batches(self, pieces: list[_Piece]):
        batch: list[_Piece] = []
        for piece in sorted(pieces, key=lambda piece: len(piece.ids), reverse=True):  # the first is the longest
            if batch and len(batch[0].ids) * (len(batch) + 1) > self.batch_tokens:
                yield batch
                batch = []
            batch.append(piece)
        if batch:
            yield batch

    @torch.no_grad()
    def _fill(self, results: list, batch: list[_Piece]) -> None:
        tokens = max(len(piece.ids) for piece in batch)
        turns = max(len(piece.window.turns) for piece in batch)
        ids = torch.full((len(batch), tokens), self.tokenizer.pad_token_id or 0)
        spans = torch.full((len(batch), turns, 2), -1)
        for row, piece in enumerate(batch):
            ids[row, : len(piece.ids)] = torch.tensor(piece.ids)
            spans[row, : len(piece.window.turns)] = torch.tensor([turn[1:] for turn in piece.window.turns])
        mask = (spans[..., 0] >= 0).long()  # [batch, turns]
        device = self.network.device
        logits = self.network.read(ids.to(device), spans.to(device), mask.to(device))
        logits = {name: logits[name].float().cpu() for name in self.fields}
        there = mask.bool()
        if not all(values[there].isfinite().all() for values in logits.values()):
            raise ConversationError("the read-outs are not finite", mend="check the model's weights")
        for row, piece in enumerate(batch):
            for turn, (index, _, _) in enumerate(piece.window.turns):
                if index in piece.window.fresh:
                    one = {name: values[row, turn] for name, values in logits.items()}
                    results[piece.conversation][index] |= turn_record(one, self.fields, self.network.config.offsets)
