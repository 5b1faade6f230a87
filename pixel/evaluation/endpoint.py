"""Replies of a model that is served elsewhere, over the OpenAI-compatible chat protocol (vLLM, TGI, llama.cpp)."""

import os
import random
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

TRIES = 6
PAUSE = 1.0
"""Seconds before the second try; each further one waits twice as long, up to a minute, give or take a half."""
AT_ONCE = 8


class EndpointError(RuntimeError):
    """The endpoint did not answer, or not in its protocol; never repeats what was sent or answered."""


class Endpoint:
    """
    Args:
        url: with or without `/v1` and `/chat/completions` at its end.
        model: name the endpoint serves it under.
        at_once: requests in flight.
        timeout: seconds for one.
        tries: of one request, where the endpoint is not reached or answers 408, 409, 429 or 5xx.
        pause: see `PAUSE`.

    The key is taken from the environment, `OPENAI_API_KEY`; without one none is sent.

    Raises:
        EndpointError: not an http(s) address, or one with a name, password or query in it.
    """

    def __init__(
        self, url: str, model: str, *, at_once: int = AT_ONCE, timeout: float = 300.0, tries: int = TRIES,
        pause: float = PAUSE,
    ):  # fmt: skip
        if not url.startswith(("http://", "https://")):
            raise EndpointError(
                f"--endpoint {url.rpartition('@')[2]}: no http address. Mend: give one such as http://localhost:8000/v1"
            )
        parts = urlsplit(url)
        if "@" in parts.netloc or parts.query:
            mend = "give the address alone, and the key as OPENAI_API_KEY"
            raise EndpointError(f"--endpoint: the address would carry a name or key into the report. Mend: {mend}")
        base = url.rstrip("/").removesuffix("/chat/completions").rstrip("/")
        self.url = f"{base if base.endswith('/v1') else f'{base}/v1'}/chat/completions"
        self.model, self.at_once, self.timeout, self.tries, self.pause = model, at_once, timeout, tries, pause

    def generate(
        self, conversations: Sequence[list[dict]], *, max_new_tokens: int, temperature: float, seed: int
    ) -> list[str]:
        """
        One reply each, in order.

        Raises:
            EndpointError: a request failed for good.
        """
        from concurrent.futures import ThreadPoolExecutor

        import httpx

        key = os.environ.get("OPENAI_API_KEY")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        with (
            httpx.Client(timeout=self.timeout, headers=headers) as client,
            ThreadPoolExecutor(max_workers=self.at_once) as pool,
        ):
            asked = [
                pool.submit(self._ask, client, messages, max_new_tokens, temperature, seed)
                for messages in conversations
            ]
            return [one.result() for one in asked]

    def _ask(self, client, messages: list[dict], max_new_tokens: int, temperature: float, seed: int) -> str:
        import httpx

        body = {
            "model": self.model, "messages": messages, "max_tokens": max_new_tokens, "temperature": temperature,
            "seed": seed, "stream": False,
        }  # fmt: skip
        problem = ""
        for attempt in range(self.tries):
            if attempt:
                time.sleep(min(60.0, self.pause * 2 ** (attempt - 1)) * random.uniform(0.5, 1.5))
            try:
                answer = client.post(self.url, json=body)
            except httpx.TransportError as error:
                problem = f"not reached ({type(error).__name__})"
                continue
            if answer.status_code in (408, 409, 425, 429) or answer.status_code >= 500:
                problem = f"answered {answer.status_code}"
                continue
            if answer.status_code != 200:
                key = answer.status_code in (401, 403)
                mend = "set OPENAI_API_KEY" if key else "check the address, --endpoint_model and the server's log"
                raise EndpointError(f"{self.url}: answered {answer.status_code}. Mend: {mend}")
            try:
                content = answer.json()["choices"][0]["message"]["content"]
            except (ValueError, KeyError, IndexError, TypeError):
                problem = "the answer is no chat completion. Mend: name an OpenAI-compatible server"
                raise EndpointError(f"{self.url}: {problem}") from None
            return content if isinstance(content, str) else ""
        raise EndpointError(f"{self.url}: {problem}, {self.tries} times. Mend: see that the server runs, go on later")
