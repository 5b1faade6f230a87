"""The model that is measured: a local one (with or without read-outs), one behind an endpoint, or both together."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pixel.evaluation.endpoint import Endpoint
from pixel.evaluation.generating import generate

_DECIDING = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja")


def folder_fingerprint(folder: str | Path) -> str:
    """
    Whether a model is the same as before, without reading its weights: configuration and tokenizer by their bytes,
    weight files by name, size and time of change. Reports beside them do not matter. Of a Hub id its name and the
    commit that was fetched last count.
    """
    from pixel.data.seen import FILE

    folder, digest = Path(folder), hashlib.sha256()
    if not folder.is_dir():
        digest.update(f"{folder} {_commit(str(folder))}".encode())
        return digest.hexdigest()
    for file in sorted(folder.iterdir()):
        if file.name in _DECIDING:
            digest.update(f"{file.name} ".encode() + file.read_bytes())
        elif file.suffix in (".safetensors", ".bin", ".gguf") and file.name != FILE:
            status = file.stat()
            digest.update(f"{file.name} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()


def _commit(hub_id: str) -> str:
    """Of a model in the Hub's cache; empty where it is not there."""
    from huggingface_hub import try_to_load_from_cache

    try:
        found = try_to_load_from_cache(hub_id, "config.json")
    except ValueError:  # no Hub id
        return ""
    return Path(found).parent.name if isinstance(found, str) else ""


class Subject:
    """
    What is measured.

    Args:
        model: folder or Hub id of a Pixel model or of a plain causal language model; `None`: only the endpoint.
        endpoint: generates in the local model's place.
        device: `auto`, `cpu`, `cuda`, ...
        batch_tokens: padded tokens a batch.

    Attributes:
        kind: `pixel`, `causal_lm` or `endpoint`.
        name, path: for reports.
        fingerprint: of the local model, or of the endpoint's address and name.
        speaks_as: fingerprint of what generates.
        abilities: some of `pixel.evaluation.task.NEEDS`.
        unreadable: conversations that the chat template could not render.

    Raises:
        ValueError: no model there, damaged weights, no such device (one line with the mend).
    """

    def __init__(
        self, model: str | None = None, endpoint: Endpoint | None = None, *, device: str = "auto",
        batch_tokens: int = 4096,
    ):  # fmt: skip
        if model is None and endpoint is None:
            raise ValueError("nothing to measure. Mend: give --model or --endpoint")
        self.endpoint, self.batch_tokens, self.unreadable = endpoint, batch_tokens, 0
        self.tokenizer = self.network = None
        self.abilities: set[str] = {"generation"}
        if model is None:
            self.kind, self.name, self.path = "endpoint", endpoint.model, endpoint.url
            self.fingerprint = hashlib.sha256(f"{endpoint.url} {endpoint.model}".encode()).hexdigest()
        else:
            self.path = str(model)
            self.name = Path(model).resolve().name if Path(model).is_dir() else str(model)
            self._load(str(model), device)
            self.fingerprint = folder_fingerprint(model)
        self.speaks_as = self.fingerprint
        if endpoint is not None:
            self.speaks_as = hashlib.sha256(f"{endpoint.url} {endpoint.model}".encode()).hexdigest()

    def _load(self, model: str, device: str) -> None:
        from pixel.inference import choose_device
        from pixel.training.arguments import ModelArguments
        from pixel.training.loading import load_pixel

        place, dtype = choose_device(device)
        arguments = ModelArguments(model_name_or_path=model)
        try:
            self.tokenizer, self.network = load_pixel(arguments, dtype=dtype)
        except OSError:
            raise ValueError(f"{model}: no model with its tokenizer there. Mend: name a model folder") from None
        self.network.eval().to(place)
        fields = [name for name in self.network.config.trained_fields if name in self.network.config.fields]
        self.kind = "pixel" if fields else "causal_lm"
        self.abilities |= {"loglikelihood"} | ({"readouts"} if fields else set())
        self._reader = None

    def read(self, conversations: Sequence[list[dict]]) -> list[list[dict[str, Any]]]:
        """
        The read-outs of every turn of every conversation. One that the chat template cannot render has records with
        `index` and `role` only.
        """
        from pixel.inference import ConversationReader, shown_fields

        if self._reader is None:
            fields = shown_fields(self.network.config)
            self._reader = ConversationReader(
                self.network, self.tokenizer, fields=fields, batch_tokens=self.batch_tokens
            )
        results = self._reader.read(conversations) if conversations else []
        for number, result in enumerate(results):
            if isinstance(result, Exception):
                self.unreadable += 1
                turns = enumerate(conversations[number])
                results[number] = [{"index": index, "role": message["role"]} for index, message in turns]
        return results

    def generate(
        self, conversations: Sequence[list[dict]], *, max_new_tokens: int, temperature: float, seed: int
    ) -> list[str]:
        """The next message of each conversation, in order."""
        if not conversations:
            return []
        options = {"max_new_tokens": max_new_tokens, "temperature": temperature, "seed": seed}
        if self.endpoint is not None:
            return self.endpoint.generate(conversations, **options)
        return generate(self.network, self.tokenizer, conversations, batch_tokens=self.batch_tokens, **options)
