"""A model as lm-eval sees it: what was answered once is kept, and several processes share the work."""

import copy
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lm_eval.api.model import LM

from pixel.evaluation.cache import LineCache, key_of
from pixel.evaluation.processes import is_first, shared, work_together

if TYPE_CHECKING:
    from lm_eval.api.instance import Instance


class KeptAnswers(LM):
    """
    Around another `LM`. A killed run goes on where it stopped: every answer is kept as soon as it is there.

    Args:
        inner: answers what is new. lm-eval's own models report each answer when it is made.
        cache: where answers lie.
    """

    def __init__(self, inner: LM, cache: LineCache):
        super().__init__()
        self.inner, self.cache = inner, cache
        inner.set_cache_hook(self)

    @property
    def tokenizer_name(self) -> str:
        """For lm-eval's own cache of requests, which is not used here."""
        return str(getattr(self.inner, "tokenizer_name", ""))

    def chat_template(self, chat_template: bool | str = False) -> str | None:
        return self.inner.chat_template(chat_template)

    def apply_chat_template(self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
        return self.inner.apply_chat_template(chat_history, add_generation_prompt=add_generation_prompt)

    def add_partial(self, kind: str, request: tuple, answer: Any) -> None:
        """Called by lm-eval's models with each answer."""
        key = key_of(kind, request)
        if is_first() and not self.cache.sound(key):
            self.cache.put({key: answer})

    def loglikelihood(self, requests: "Sequence[Instance]") -> list[tuple[float, bool]]:
        return [(value, greedy) for value, greedy in self._answer("loglikelihood", requests)]

    def loglikelihood_rolling(self, requests: "Sequence[Instance]") -> list[float]:
        return self._answer("loglikelihood_rolling", requests)

    def generate_until(self, requests: "Sequence[Instance]") -> list[str]:
        return self._answer("generate_until", requests)

    def _answer(self, kind: str, requests: "Sequence[Instance]") -> list[Any]:
        keys = [key_of(kind, request.args) for request in requests]
        wanted = dict(zip(keys, requests, strict=True))
        missing = shared([key for key in wanted if not self.cache.sound(key)] if is_first() else [])
        answers = work_together(lambda some: self._ask(kind, some), [wanted[key] for key in missing])
        self.cache.put(
            {key: answer for key, answer in zip(missing, answers, strict=True) if not self.cache.sound(key)}
        )
        return self.cache.get_many(keys)

    def _ask(self, kind: str, requests: "Sequence[Instance]") -> list[Any]:
        answers = getattr(self.inner, kind)(requests) if requests else []
        return [list(answer) if isinstance(answer, tuple) else answer for answer in answers]


class Replies(LM):
    """
    A model behind an endpoint: it answers in words and has no log-likelihoods.

    Args:
        generate: conversations, `max_new_tokens` -> replies, such as `Context.generate`.
    """

    def __init__(self, generate: Callable[..., list[str]]):
        super().__init__()
        self.generate = generate

    @property
    def tokenizer_name(self) -> str:
        """The messages go out as they are."""
        return "messages"

    def chat_template(self, chat_template: bool | str = False) -> str | None:
        return "messages"

    def apply_chat_template(self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
        return json.dumps([{"role": one["role"], "content": one["content"]} for one in chat_history])

    def generate_until(self, requests: "Sequence[Instance]") -> list[str]:
        room = max(request.args[1]["max_gen_toks"] for request in requests) if requests else 0
        replies = self.generate([json.loads(request.args[0]) for request in requests], max_new_tokens=room)
        return [cut(reply, request.args[1].get("until", ())) for reply, request in zip(replies, requests, strict=True)]

    def loglikelihood(self, requests: "Sequence[Instance]") -> list[tuple[float, bool]]:
        raise NotImplementedError("an endpoint gives no log-likelihoods")

    loglikelihood_rolling = loglikelihood


def cut(text: str, stops: Sequence[str]) -> str:
    """The text up to the first of the stops."""
    for stop in stops:
        text = text.split(stop)[0]
    return text


def local(network: Any, tokenizer: Any, batch_size: int = 1) -> LM:
    """
    lm-eval's own model around the plain backbone of a loaded Pixel network, sharing its weights.

    Args:
        network: a `PixelForCausalLM`, or a plain causal language model.
        tokenizer: left as it is.
        batch_size: requests at once; the same as on the command line for the same figures to the last digit.
    """
    from lm_eval.models.huggingface import HFLM

    from pixel.evaluation.lm_eval.running import quiet

    if type(network).__name__ == "PixelForCausalLM":
        from pixel.models import plain_backbone

        network = plain_backbone(network)
    with quiet():
        return HFLM(pretrained=network, tokenizer=copy.deepcopy(tokenizer), batch_size=batch_size)
