"""What a task may ask for: corpora, read-outs, replies. What a model said once is kept on disk."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pixel.data.errors import ConversationError
from pixel.data.seen import SeenRows
from pixel.evaluation.cache import LineCache, key_of
from pixel.evaluation.depends import code_fingerprint
from pixel.evaluation.processes import count, is_first, shared, work_together
from pixel.evaluation.task import TaskSkipped

SUBJECTS, ENDPOINT = "pixel.evaluation.subjects", "pixel.evaluation.endpoint"
READ_AT_ONCE, GENERATED_AT_ONCE = 128, 16
"""Conversations that each process reads, or replies to, before they are kept."""


class Context:
    """
    Args:
        model: what is measured (`pixel.evaluation.subjects.Subject`); anything with `kind`, `name`, `path`,
            `fingerprint`, `abilities` and, as far as its abilities go, `read(conversations)` and
            `generate(conversations, max_new_tokens=, temperature=, seed=)`.
        cache: folder for what the model said; `None`: in memory only.
        corpora: `name -> {split: rows}`, such as `datasets_scripts.load_corpus` with its data root; raises
            `ConversationError` where a corpus is not there. `None`: there are none but `seed`.
        data_root: folder of the raw corpora, for tasks that read more than conversations; or `None`.
        seen: what the model was trained on; `None`: not known.
        seed: of every draw.
        limit: most items a task measures, or `None`.
        resamples: bootstrap draws for an interval.
        checkpoints: folders of earlier versions of the same model, oldest first.
        judges: makes the judges when first asked.

    Attributes:
        model_kind: `pixel`, `causal_lm` or `endpoint`.
        used: corpus -> `(rows measured on, rows left out because the model was trained on them)`.

    Example:
        >>> context = Context(model, data_root=Path("data"), corpora=lambda name: load_corpus(name, "data"))
        >>> rows = context.corpus("esconv")
        >>> records = context.readouts(rows)  # one list a row, one record a message
    """

    def __init__(
        self, model, *, cache: str | Path | None = None, corpora: Callable[[str], Mapping[str, Any]] | None = None,
        data_root: str | Path | None = None, seen: SeenRows | None = None, seed: int = 0, limit: int | None = None,
        resamples: int = 500, checkpoints: Sequence[Path] = (), judges: Callable[[], list[Any]] | None = None,
        other_model: Callable[[Path], Any] | None = None,
    ):  # fmt: skip
        self.model, self.corpora, self.seen = model, corpora, seen
        self.cache = None if cache is None else Path(cache)
        self.data_root = None if data_root is None else Path(data_root)
        self.seed, self.limit, self.resamples = seed, limit, resamples
        self.checkpoints = list(checkpoints)
        self.model_kind: str = model.kind
        self.used: dict[str, tuple[int, int]] = {}
        self._judges, self._other_model = judges, other_model
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._left_out: dict[str, int] = {}
        self._caches: dict[str, LineCache] = {}

    # ── data ──

    def corpus(self, name: str, split: str | None = None) -> list[dict[str, Any]]:
        """
        Rows of a corpus (`datasets_scripts.CORPORA`, or `seed`, which ships with Pixel), without those the model saw
        in training. Each row has the key `split` besides those of the schema.

        A Pixel model that does not say what it was trained on is taken to have seen every row of a training split.

        Args:
            name: of the corpus.
            split: only this one; default: all.

        Raises:
            TaskSkipped: the corpus is not there.
        """
        if name not in self._rows:
            kept, left_out = [], 0
            for part, rows in self._splits(name).items():
                rows, before = _unseen(rows, part, self.seen, guess=self.model_kind == "pixel"), len(rows)
                left_out += before - len(rows)
                kept += [row | {"split": part} for row in rows]
            self._rows[name], self._left_out[name] = kept, left_out
        rows = self._rows[name]
        self.used[name] = (len(rows), self._left_out[name])
        return [row for row in rows if split in (None, row["split"])]

    def _splits(self, name: str) -> Mapping[str, Any]:
        if name == "seed":
            from pixel.data.seed import load_seed

            return load_seed(seed=0)
        if self.corpora is None:
            raise TaskSkipped(f"needs the corpus {name}. Mend: give --data_root")
        try:
            return self.corpora(name)
        except ConversationError as error:
            raise TaskSkipped(f"corpus {name}: {error}") from None

    def sample(self, things: Sequence, most: int | None = None) -> list:
        """
        At most `limit` (and at most `most`) of the things, drawn by the seed, in their order.
        """
        import numpy as np

        sizes = [size for size in (self.limit, most, len(things)) if size is not None]
        if min(sizes) >= len(things):
            return list(things)
        chosen = np.random.default_rng(self.seed).choice(len(things), size=min(sizes), replace=False)
        return [things[index] for index in sorted(chosen.tolist())]

    # ── the model ──

    def readouts(self, rows: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
        """
        Read every turn of conversations (`{"messages": [...]}`, as rows of the schema have them).

        Returns:
            for each row, one record a message: `{"index", "role", **turn_record}`.

        Raises:
            TaskSkipped: the model does not read.
        """
        if "readouts" not in self.model.abilities:
            raise TaskSkipped("the model was not trained to read turns")
        conversations = [_plain(row["messages"]) for row in rows]
        keys = [key_of(messages) for messages in conversations]
        cache = self._cache("readouts", self.model.fingerprint, SUBJECTS)
        self._fill(cache, keys, conversations, self.model.read, READ_AT_ONCE, "reading")
        return _kept(cache, keys)

    def generate(
        self, conversations: Sequence[list[dict[str, str]]], *, max_new_tokens: int = 256, temperature: float = 0.0,
        sample: int = 0,
    ) -> list[str]:  # fmt: skip
        """
        The model's next message for each list of messages.

        Args:
            conversations: messages each; the last is what the model answers.
            max_new_tokens: of a reply.
            temperature: 0: always the same reply.
            sample: tells repeated draws from the same messages apart.

        Raises:
            TaskSkipped: the model does not reply.
        """
        if "generation" not in self.model.abilities:
            raise TaskSkipped("the model does not generate")
        conversations = [_plain(messages) for messages in conversations]
        drawn = (self.seed, sample) if temperature > 0 else None
        keys = [key_of(messages, max_new_tokens, temperature, drawn) for messages in conversations]
        served = getattr(self.model, "endpoint", None) is not None
        by = ENDPOINT if served else SUBJECTS
        cache = self._cache("generations", getattr(self.model, "speaks_as", self.model.fingerprint), by)

        def reply(some: Sequence[list[dict]]) -> list[str]:
            options = {"max_new_tokens": max_new_tokens, "temperature": temperature}
            return self.model.generate(some, **options, seed=self.seed + 1000 * sample)

        self._fill(cache, keys, conversations, reply, GENERATED_AT_ONCE, "generating")
        return _kept(cache, keys)

    def network(self) -> tuple[Any, Any]:
        """
        `(tokenizer, network)` of a local model, in evaluation mode on its device.

        Raises:
            TaskSkipped: the model is not local.
        """
        if "loglikelihood" not in self.model.abilities:
            raise TaskSkipped("needs a local model's log-likelihoods")
        return self.model.tokenizer, self.model.network

    def of_checkpoint(self, folder: Path) -> "Context":
        """
        The same context for an earlier version of the model.

        Raises:
            ValueError: no model that can be loaded there.
        """
        if self._other_model is None:
            raise ValueError("this evaluation takes no checkpoints")
        other = Context(
            self._other_model(folder), cache=self.cache, corpora=self.corpora, data_root=self.data_root,
            seen=self.seen, seed=self.seed, limit=self.limit, resamples=self.resamples,
        )  # fmt: skip
        other._rows, other._left_out, other.used = self._rows, self._left_out, self.used
        other.model_kind = self.model_kind
        return other

    # ── helpers ──

    def encoder(self):
        """
        The sentence encoder that ships with Pixel.

        Raises:
            TaskSkipped: its package is not installed.
        """
        from pixel.text.sentence_encoder import default_encoder

        try:
            return default_encoder()
        except (FileNotFoundError, ImportError) as error:
            raise TaskSkipped(str(error).splitlines()[0]) from None

    @property
    def has_judges(self) -> bool:
        """Whether judges were named."""
        return self._judges is not None

    def judges(self) -> list[Any]:
        """The judges this run may use; none of them is the model itself. Empty where there are none."""
        return self._judges() if self._judges is not None else []

    def progress(self, iterable: Iterable, total: int | None = None, name: str = "") -> Iterator:
        """The same things, with a progress bar in the first process."""
        from tqdm.auto import tqdm

        return iter(tqdm(iterable, total=total, desc=name or None, disable=None if is_first() else True, leave=False))

    def _cache(self, what: str, fingerprint: str, by: str) -> LineCache:
        """What this model said, by the code of a module: other code may say otherwise."""
        name = f"{what}-{fingerprint[:16]}-{code_fingerprint(by)[:8]}"
        if name not in self._caches:
            file = None if self.cache is None else self.cache / f"{name}.jsonl"
            self._caches[name] = LineCache(file, writes=is_first())
        return self._caches[name]

    def _fill(self, cache: LineCache, keys: list[str], things: list, work: Callable, at_once: int, name: str) -> None:
        """Work on the things that are not in the cache yet, shared between the processes, and keep each chunk."""
        from tqdm.auto import tqdm

        wanted = dict(zip(keys, things, strict=True))
        missing = [key for key in wanted if not cache.sound(key)] if is_first() else []
        missing = shared(missing)
        missing.sort(key=lambda key: (-sum(len(message["content"]) for message in wanted[key]), key))
        step = at_once * count()
        bar = tqdm(total=len(missing), desc=name, disable=None if is_first() else True, leave=False)
        for start in range(0, len(missing), step):
            chunk = missing[start : start + step]
            values = work_together(work, [wanted[key] for key in chunk])
            cache.put(dict(zip(chunk, values, strict=True)))
            bar.update(len(chunk))
        bar.close()


def _kept(cache: LineCache, keys: list[str]) -> list[Any]:
    try:
        return cache.get_many(keys)
    except KeyError:
        mend = "let every process read one folder, change nothing in it meanwhile, and start again"
        raise RuntimeError(f"{cache.file}: what was kept there cannot be read any more. Mend: {mend}") from None


def _plain(messages: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    return [{"role": message["role"], "content": message["content"]} for message in messages]


def _unseen(rows: Any, split: str, seen: SeenRows | None, guess: bool) -> list[dict[str, Any]]:
    if seen is None:
        return [] if guess and split == "train" else list(rows)
    if hasattr(rows, "select"):  # a datasets.Dataset: look at the messages before building every row
        messages = rows.select_columns("messages")
        rows = rows.select([number for number, row in enumerate(messages) if not seen.seen(row)])
        return rows.to_list()
    return [row for row in rows if not seen.seen(row)]
