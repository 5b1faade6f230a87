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
        self.turns: list[Tensor] = []  # states of the turns that ended, [turn_state_size] each
        self._start_turn()

    def _start_turn(self) -> None:
        self._tokens: list[int] = []
        self._sums: dict[str, Tensor] = {}
        self._peak = self._weight = torch.tensor(0.0)

    @torch.no_grad()
    def feed(
        self, token_ids: list[int] | Tensor, in_turn: bool = False, persona_slots: list[int] | None = None
    ) -> Tensor:
        """
        Run some tokens through the model.

        Args:
            token_ids: the next tokens.
            in_turn: whether they are content of the open turn.
            persona_slots: which soft-prompt vector stands at each of them, -1 for none.

        Returns:
            logits for the token after them, `[vocab]`.
        """
        ids = torch.as_tensor(token_ids, device=self.model.device).view(1, -1)
        slots = None if persona_slots is None else torch.tensor([persona_slots], device=ids.device)
        output = self.model(
            ids,
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
            readout_states=True,
            persona_slots=slots,
        )
        if in_turn:
            self._add(output.readout_states[0])
            self._tokens += ids[0].tolist()
        return output.logits[0, -1]

    def _add(self, states: Tensor) -> None:
        """Extend the open turn's sums: plain for `mean`, softmax-weighted for `attention`, the newest for `last`."""
        width = self.model.config.text_config.hidden_size
        hidden, taps = states[:, :width], states[:, width:]
        states = hidden.float()
        self._sums["taps"] = self._sums.get("taps", 0.0) + taps.float().sum(0)
        for kind in self.model.pooling.kinds:
            if kind == "mean":
                self._sums[kind] = self._sums.get(kind, 0.0) + states.sum(0)
            elif kind == "last":
                self._sums[kind] = states[-1]
            else:
                scores = self.model.pooling.scores(hidden)
                peak = scores.max() if kind not in self._sums else torch.maximum(self._peak, scores.max())
                decay, weights = torch.exp(self._peak - peak), torch.exp(scores - peak)
                before = self._sums[kind] * decay if kind in self._sums else 0.0
                self._weight = (self._weight * decay if kind in self._sums else 0.0) + weights.sum()
                self._sums[kind], self._peak = before + weights @ states, peak

    @torch.no_grad()
    def end_turn(self) -> dict[str, Tensor]:
        """
        Close the open turn and read it.

        Returns:
            logits by field, `[width]` each.

        Raises:
            ValueError: no token was fed as content of the turn.
        """
        if not self._tokens:
            raise ValueError("the turn is empty: feed its content with in_turn=True before ending it")
        over = {"mean": len(self._tokens), "last": 1, "attention": self._weight, "taps": len(self._tokens)}
        parts = [self._sums[kind] / over[kind] for kind in (*self.model.pooling.kinds, "taps")]
        self.turns.append(torch.cat(parts).to(self.model.dtype))
        states = torch.stack(self.turns)[None]  # [1, turns, turn_state_size]
        readouts = {k: v[:, -1:] for k, v in self.model.heads(dict.fromkeys(HEAD_OBJECTIVES, states)).items()}
        if self.model.lexical is not None:
            ids = torch.tensor([self._tokens], device=states.device)
            readouts = self.model.with_words(readouts, ids, torch.tensor([[[0, ids.size(1) - 1]]], device=ids.device))
        self._start_turn()
        return {name: logits[0, 0] for name, logits in readouts.items()}
