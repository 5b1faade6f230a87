"""A causal language model as a judge: which answer does it find likelier, A or B?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pixel.evaluation.judges.criteria import criteria
from pixel.evaluation.judges.judge import Pair, Side

MOST_WORDS = 120
"""Longer texts lose their middle: a small model's context is short, and both sides must fit."""
PAIR = """Two helpers answered a person who was looking for support.

{sides}

{question} Answer with A or B."""
RATING = """A helper answered a person who was looking for support.

Person: {client}
Reply: {reply}

{question} Answer with a number from 1 (not at all) to 5 (very much)."""


class LikelihoodJudge:
    """
    Compares the log-likelihoods of two answers; nothing is generated, so nothing has to be parsed.

    Args:
        model: folder, Hub id or `embedded:smollm2`.
        mode: `pair` asks which of the two is better; `rating` rates each reply from 1 to 5 by the expected value over
            the five digits, and compares.
        device: as in `pixel.inference.choose_device`.
        batch_tokens: padded tokens a batch.

    Source: position bias and swapping: Zheng et al., "Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena",
    NeurIPS 2023; expected ratings: Liu et al., "G-Eval", EMNLP 2023.
    """

    def __init__(self, model: str, mode: str = "pair", *, device: str = "auto", batch_tokens: int = 4096):
        if mode not in ("pair", "rating"):
            raise ValueError(f"there is no mode {mode!r}; use pair or rating")
        self.model, self.mode, self.device, self.batch_tokens = model, mode, device, batch_tokens
        self.name = f"{model.rstrip('/').rsplit('/', 1)[-1].removeprefix('embedded:')} ({mode})"
        self.kind = "log-likelihood of A and B" if mode == "pair" else "expected rating over the digits 1 to 5"
        self.by_position = mode == "pair"
        self._loaded: tuple[Any, Any] | None = None

    def prepare(self, labelled: Mapping[str, Sequence[tuple[Side, float]]]) -> None:
        """Nothing to fit."""

    def same_as(self, subject: Any) -> str | None:
        """By fingerprint, and by the token embeddings: a model fine-tuned from the judge shares its taste."""
        from pixel.evaluation.subjects import folder_fingerprint

        if getattr(subject, "fingerprint", None) == folder_fingerprint(self._folder()):
            return f"{self.name} is the subject itself"
        network = getattr(subject, "network", None)
        if network is None:
            return None
        theirs = network.get_input_embeddings().weight.detach().float().cpu()
        ours = self._model()[1].get_input_embeddings().weight.detach().float().cpu()
        rows = min(len(theirs), len(ours))
        if theirs.shape[1] != ours.shape[1]:
            return None
        cosine = (theirs[:rows] * ours[:rows]).sum() / (theirs[:rows].norm() * ours[:rows].norm())
        return f"{self.name} is the model that the subject was trained from" if cosine > 0.99 else None

    def prefer(self, pairs: Sequence[Pair], criterion: str, repeat: int) -> np.ndarray:
        """See `Judge.prefer`; log-odds of "A" over "B", or the difference of two ratings."""
        question = criteria()[criterion].wordings[repeat]
        if self.mode == "rating":
            question = criteria()[criterion].ratings[repeat]
            sides = list(dict.fromkeys(side for pair in pairs for side in (pair.first, pair.second)))
            prompts = [RATING.format(client=_short(s.client), reply=_short(s.reply), question=question) for s in sides]
            likely = self.answers(prompts, ["1", "2", "3", "4", "5"])
            share = np.exp(likely - likely.max(1, keepdims=True))
            rated = dict(zip(sides, (share @ np.arange(1, 6)) / share.sum(1), strict=True))
            difference = np.array([rated[pair.first] - rated[pair.second] for pair in pairs])
            return np.stack([difference, difference], 1)
        prompts = [prompt(*order, question) for p in pairs for order in ((p.first, p.second), (p.second, p.first))]
        likely = self.answers(prompts, ["A", "B"])  # [2 pairs, 2]
        odds = (likely[:, 0] - likely[:, 1]).reshape(-1, 2)
        return odds * np.array([1.0, -1.0])

    def answers(self, prompts: Sequence[str], options: Sequence[str]) -> np.ndarray:
        """
        Log-likelihood of each option as the first word of the reply.

        Args:
            prompts: user messages.
            options: whose first tokens differ.

        Returns:
            float64 `[prompts, options]`.

        Raises:
            ValueError: two options begin with the same token.
        """
        import torch

        tokenizer, network = self._model()
        first = [tokenizer(option, add_special_tokens=False)["input_ids"][0] for option in options]
        if len(set(first)) < len(first):
            raise ValueError(f"{self.name}: options {options} begin with the same token")
        rendered = [
            tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True
            )
            for prompt in prompts
        ]
        ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in rendered]
        out = np.zeros((len(prompts), len(options)))
        for rows in _batches([len(one) for one in ids], self.batch_tokens):
            width = max(len(ids[row]) for row in rows)
            batch = torch.full((len(rows), width), tokenizer.pad_token_id or 0)
            mask = torch.zeros_like(batch)
            for place, row in enumerate(rows):  # padded on the left, so that the last position is the answer's
                batch[place, width - len(ids[row]) :] = torch.tensor(ids[row])
                mask[place, width - len(ids[row]) :] = 1
            with torch.no_grad():
                logits = network(
                    input_ids=batch.to(network.device),
                    attention_mask=mask.to(network.device),
                    position_ids=(mask.cumsum(1) - 1).clamp(min=0).to(network.device),
                    logits_to_keep=1,
                ).logits[:, -1]
            out[rows] = torch.log_softmax(logits.float(), -1)[:, first].double().cpu().numpy()
        return out

    def _folder(self) -> str:
        if self.model != "embedded:smollm2":
            return self.model
        from pixel.training.embedded import smollm2

        return str(smollm2())

    def _model(self) -> tuple[Any, Any]:
        if self._loaded is None:
            from pixel.inference import choose_device
            from pixel.training.arguments import ModelArguments
            from pixel.training.loading import load_pixel

            place, dtype = choose_device(self.device)
            tokenizer, network = load_pixel(ModelArguments(model_name_or_path=self.model), dtype=dtype)
            self._loaded = tokenizer, network.eval().to(place)
        return self._loaded


def prompt(one: Side, two: Side, question: str) -> str:
    """The question, with the first side as A."""
    if one.client == two.client:
        sides = f"Person: {_short(one.client)}\n\nReply A: {_short(one.reply)}\n\nReply B: {_short(two.reply)}"
    else:
        sides = "\n\n".join(
            f"Person {name}: {_short(side.client)}\nReply {name}: {_short(side.reply)}"
            for name, side in (("A", one), ("B", two))
        )
    return PAIR.format(sides=sides, question=question)


def _short(text: str, words: int = MOST_WORDS) -> str:
    found = text.split()
    if len(found) <= words:
        return " ".join(found)
    return " ".join([*found[: words // 2], "...", *found[-words // 2 :]])


def _batches(lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Rows of like length, padded together at most `tokens` a batch."""
    batches: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        if not batches or lengths[batches[-1][0]] * (len(batches[-1]) + 1) > tokens:
            batches.append([])
        batches[-1].append(row)
    return batches
