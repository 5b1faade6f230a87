"""What a helper's turns do (ask, reflect, inform, advise) and how clients answer, learned from AnnoMI."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pixel.clinical.appropriateness.pair_features import encode
from pixel.clinical.appropriateness.readable import cleaned
from pixel.clinical.appropriateness.turn_features import turn_features

WEIGHTS = Path(__file__).with_name("weights") / "behaviours.safetensors"
BEHAVIOURS = ("open_question", "closed_question", "simple_reflection", "complex_reflection", "information", "advice")
MAIN = ("question", "reflection", "input", "other")
TALK = ("change", "sustain")
"""Client talk for and against a change."""


class Readout(NamedTuple):
    """
    Every turn of one conversation, helper's and client's apart.

    Attributes:
        behaviours: `[helper turns, 6]` in [0, 1], about the share of annotators' majorities for each of `BEHAVIOURS`.
        main: `[helper turns]`, index into `MAIN` of what the turn does most.
        spirit: `[helper turns]`, how much it resembles turns of sessions shown as good practice; 0 is between.
        talk: `[client turns, 2]` in [0, 1], `TALK`.
        words: words of each helper turn; `heard`: of each client turn.
    """

    behaviours: np.ndarray
    main: np.ndarray
    spirit: np.ndarray
    talk: np.ndarray
    words: np.ndarray
    heard: np.ndarray


class Sides(NamedTuple):
    """The helper's and the client's turns of a conversation, each with the other's turn before it."""

    helper: list[str]
    before_helper: list[str]
    client: list[str]
    before_client: list[str]


def sides(messages: Sequence[dict]) -> Sides:
    """Take a conversation apart; a system message is left out, turns of one speaker running stay apart."""
    out, last, speaker = Sides([], [], [], []), "", None
    for message in messages:
        role, text = message.get("role"), cleaned(message.get("content") or "")
        if role not in ("user", "assistant"):
            continue
        before = last if speaker not in (None, role) else ""
        if role == "assistant":
            out.helper.append(text)
            out.before_helper.append(before)
        else:
            out.client.append(text)
            out.before_client.append(before)
        last, speaker = text, role
    return out


class BehaviourReader:
    """
    Linear read-outs of sentence embeddings and surface cues.

    Args:
        file: safetensors that `fit_behaviours` wrote.
        encoder: with `encode(texts)` and `size`; default: the embedded MiniLM.

    Raises:
        FileNotFoundError: no weights there; says how to make them.
    """

    def __init__(self, file: Path = WEIGHTS, encoder=None):
        from safetensors.numpy import load_file

        if not file.is_file():
            raise FileNotFoundError(f"{file}: no weights there. Mend: python recipes/assess.py fit_behaviours")
        self.tensors = load_file(file)
        self._encoder = encoder

    def read(self, conversations: Sequence[Sequence[dict]]) -> list[Readout]:
        """Read-outs of many conversations (`messages` each), encoded together."""
        if self._encoder is None:
            from pixel.text.sentence_encoder import default_encoder

            self._encoder = default_encoder()
        taken = [sides(messages) for messages in conversations]
        texts = list(dict.fromkeys(text for side in taken for part in side for text in part if text))
        table = dict(zip(texts, encode(texts, self._encoder), strict=True))
        return [read_out(self.tensors, *features(side, table, self._encoder.size), side) for side in taken]


def features(side: Sides, table: dict[str, np.ndarray], size: int) -> tuple[np.ndarray, np.ndarray]:
    """Features of the helper's and the client's turns, from embeddings by text."""
    empty = np.zeros(size, dtype=np.float32)

    def stack(texts: list[str]) -> np.ndarray:
        return np.stack([table.get(text, empty) for text in texts]) if texts else np.zeros((0, size), np.float32)

    return (
        turn_features(side.helper, side.before_helper, stack(side.helper), stack(side.before_helper)),
        turn_features(side.client, side.before_client, stack(side.client), stack(side.before_client)),
    )


def read_out(tensors: dict[str, np.ndarray], helper: np.ndarray, client: np.ndarray, side: Sides) -> Readout:
    """Apply the weights to features of one conversation."""
    acts = helper @ tensors["acts"] + tensors["acts_bias"]
    count = len(BEHAVIOURS)
    return Readout(
        np.clip(acts[:, :count], 0, 1),
        acts[:, count : count + len(MAIN)].argmax(1),
        acts[:, -1],
        np.clip(client @ tensors["talk"] + tensors["talk_bias"], 0, 1),
        np.array([len(text.split()) for text in side.helper]),
        np.array([len(text.split()) for text in side.client]),
    )


@lru_cache(maxsize=1)
def default_reader() -> BehaviourReader:
    """The reader that ships with Pixel, read once."""
    return BehaviourReader()
