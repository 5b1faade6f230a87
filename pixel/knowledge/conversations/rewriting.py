"""Another voice: the same plan turn by turn as a prompt for a local model, checked like everything else."""

import random
import re
from collections.abc import Callable

from pixel.knowledge.conversations.talk import Turn

TRIES = 3
NEAR = 0.55
"""Cosine similarity to the grammar's wording from which on a reply is taken to mean the same."""
WORDS = (3, 70)
_ROLE = re.compile(r"^\s*(therapist|assistant|counsellor|client|user)\s*:", re.I)
_UNSAFE = re.compile(
    r"\b(you (have|suffer from|are suffering from) \w+ disorder|diagnos\w+|milligrams?|\d+ ?mg|prescri\w+|"
    r"you only need me|I will always be (here|with you)|I love you|I am your friend)\b", re.I
)  # fmt: skip
SYSTEM = (
    "You are a warm, plain-spoken therapist in a text conversation. Reply in one to three short sentences. Take up "
    "what the person just said. Never diagnose, never advise on medication, never promise anything. Do not use lists."
)


class ModelWriter:
    """
    Puts the therapist's turns into the words of a local `transformers` model.

    For each turn the model sees the talk so far and a hint of what the turn is for (technique and wording of the
    grammar). A reply that is too long or short, means something else, leaves its role or breaks a rule, or with which
    the conversation no longer passes the gates, is sampled again (`TRIES` times); then the grammar's words stay.
    Turns in a crisis always stay as they are.

    Args:
        folder: of a causal model with a chat template, or a Hub id.
        device: `cpu`, `cuda`, or `None` for what there is.
    """

    def __init__(self, folder: str, device: str | None = None):
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.torch = torch
        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.network = AutoModelForCausalLM.from_pretrained(folder).to(self.device).eval()
        self.written, self.kept = 0, 0

    def __call__(self, turns: list[Turn], rng: random.Random, passes: Callable[[list[Turn]], bool]) -> list[Turn]:
        """The turns with the therapist's in other words where that went well (noted as `writer: model`)."""
        turns = list(turns)
        for place, turn in enumerate(turns):
            if turn.role != "assistant" or turn.labels.get("persona_context") == "crisis":
                continue
            for _ in range(TRIES):
                text = clean(self.write(turns[:place], turn, rng.randrange(2**31)))
                if (
                    text is None
                    or any(text == other.text for other in turns[:place])
                    or not self.close(turn.text, text)
                ):
                    continue
                trial = [*turns[:place], _with(turn, text), *turns[place + 1 :]]
                if passes(trial):
                    turns = trial
                    self.written += 1
                    break
            else:
                self.kept += 1
        return turns

    def close(self, draft: str, text: str) -> bool:
        """Whether a reply says about what the draft says: a fluent model may still lose the thread."""
        from pixel.text.sentence_encoder import default_encoder

        first, second = default_encoder().encode([draft, text])
        norm = float((first @ first) ** 0.5 * (second @ second) ** 0.5)
        return norm > 0 and float(first @ second) / norm >= NEAR

    def write(self, before: list[Turn], turn: Turn, seed: int) -> str:
        """One reply of the model, as it comes."""
        messages = [{"role": "system", "content": SYSTEM}]
        messages += [{"role": one.role, "content": one.text} for one in before[-6:]]
        hint = f"(For this reply: {turn.hint} A draft to say in your own words: {turn.text})"
        messages[-1] = {**messages[-1], "content": f"{messages[-1]['content']}\n\n{hint}"}
        inputs = self.tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        ).to(self.device)
        self.torch.manual_seed(seed)
        with self.torch.inference_mode():
            out = self.network.generate(
                **inputs, max_new_tokens=90, do_sample=True, temperature=0.7, top_p=0.9, repetition_penalty=1.1,
                pad_token_id=self.tokenizer.pad_token_id or self.tokenizer.eos_token_id,
            )  # fmt: skip
        return self.tokenizer.decode(out[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


def clean(text: str) -> str | None:
    """
    A model's reply as a turn: first paragraph, whole sentences; `None` if it cannot stand.

    Example:
        >>> clean("That sounds hard. What was the worst")
        'That sounds hard.'
    """
    text = " ".join(text.strip().split("\n\n")[0].split()).strip('"“” ')
    text = text[: max(text.rfind(mark) for mark in ".?!") + 1]
    if not WORDS[0] <= len(text.split()) <= WORDS[1] or _ROLE.search(text) or _UNSAFE.search(text):
        return None
    return None if "(" in text or "*" in text or "draft" in text.lower() else text


def _with(turn: Turn, text: str) -> Turn:
    return Turn(turn.role, text, turn.labels, turn.reason | {"writer": "model"}, turn.templates, turn.hint)
