"""Read-outs while a conversation streams: a running sum beside the KV cache."""

import torch
from torch import Tensor
from transformers import DynamicCache

from .modeling_pixel import HEAD_OBJECTIVES, PixelForCausalLM


class StreamingReader:
    """
    Feeds tokens to a Pixel model as they come and reads each turn when it ends, for the cost of one pooled vector.

    What it reads equals the read-outs of the whole conversation in one pass.

    Example:
        >>> reader = StreamingReader(model)
        >>> reader.feed(header_ids)  # role header: belongs to no turn
        >>> logits = reader.feed(content_ids, in_turn=True)
        >>> readouts = reader.end_turn()  # {field: logits [width]}
    """

    def __init__(self, model: PixelForCausalLM):
        self.model = model
        self.cache = DynamicCache(config=model.config.text_config)
        self.turns: list[Tensor] = []  # pooled states of the turns that ended, [hidden] each
        self.lexical: list[Tensor] = []
        self._start_turn()

    def _start_turn(self) -> None:
        self._peak = torch.tensor(float("-inf"))
        self._weight = torch.tensor(0.0)
        self._sum: Tensor | float = 0.0
        self._words: Tensor | float = 0.0

    @torch.no_grad()
    def feed(self, token_ids: list[int] | Tensor, in_turn: bool = False) -> Tensor:
        """
        Run some tokens through the model.

        Args:
            token_ids: the next tokens.
            in_turn: whether they are content of the open turn.

        Returns:
            logits for the token after them, `[vocab]`.
        """
        ids = torch.as_tensor(token_ids, device=self.model.device).view(1, -1)
        output = self.model(ids, past_key_values=self.cache, use_cache=True, logits_to_keep=1, readout_states=True)
        if in_turn:
            self._add(ids, output.readout_states)
        return output.logits[0, -1]

    def _add(self, ids: Tensor, hidden: Tensor) -> None:
        """Extend the open turn's softmax-weighted sum (all weights equal where pooling is the mean)."""
        scores = self.model.pooling.scores(hidden)[0]  # [tokens]
        peak = torch.maximum(self._peak.to(scores.device), scores.max())
        decay = torch.exp(self._peak.to(scores.device) - peak)
        weights = torch.exp(scores - peak)
        self._weight = self._weight.to(scores.device) * decay + weights.sum()
        self._sum = self._sum * decay + weights @ hidden[0].float()
        if "lexical" in self.model.heads:
            self._words = self._words * decay + weights @ self.model.heads["lexical"].embed(ids)[0].float()
        self._peak = peak

    @torch.no_grad()
    def end_turn(self) -> dict[str, Tensor]:
        """
        Close the open turn and read it.

        Returns:
            logits by field, `[width]` each.

        Raises:
            ValueError: no token was fed as content of the turn.
        """
        if self._weight == 0:
            raise ValueError("the turn is empty: feed its content with in_turn=True before ending it")
        dtype = self.model.dtype
        self.turns.append((self._sum / self._weight).to(dtype))
        lexical = None
        if "lexical" in self.model.heads:
            self.lexical.append((self._words / self._weight).to(dtype))
            lexical = torch.stack(self.lexical)[None]
        self._start_turn()
        states = torch.stack(self.turns)[None]  # [1, turns, hidden]
        readouts = self.model.heads(dict.fromkeys(HEAD_OBJECTIVES, states), lexical=lexical)
        return {name: logits[0, -1] for name, logits in readouts.items()}
