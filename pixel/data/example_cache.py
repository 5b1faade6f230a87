"""Tokenised conversations, kept from run to run, so that the second run on the same data starts at once."""

import hashlib
import inspect
import os
from contextlib import suppress
from pathlib import Path

MAGIC = b"pixel-examples-1"
DIGEST = hashlib.sha256().digest_size


class ExampleCache:
    """
    One file an encoded dataset: a mark, the SHA-256 of what follows, and an Arrow stream.

    A file is written beside its place and renamed, so that two runs may write the same one at once; it is read whole
    and checked before it is used, and one that does not match its hash is removed and made again. The name is a hash
    of everything the examples depend on: rows in order, tokenizer, chat template, length, and Pixel's own code for
    them. Files are readable for their owner alone: they hold the conversations.

    Args:
        folder: where; by default the environment's PIXEL_CACHE (an empty one switches the cache off), else a folder
            in that of `datasets`.
        least_rows: smaller datasets are tokenised faster than looked up.
        most_bytes: the least recently used files beyond that are removed.
    """

    def __init__(self, folder: str | Path | None = None, least_rows: int = 256, most_bytes: int = 10 * 2**30):
        self.least_rows, self.most_bytes = least_rows, most_bytes
        if folder is None:
            folder = os.environ.get("PIXEL_CACHE")
        if folder is None:
            from datasets import config

            folder = Path(config.HF_DATASETS_CACHE) / "pixel_examples"
        self.folder = Path(folder) if str(folder) else None

    def key(self, dataset, tokenizer, max_length: int, name: str = "") -> str | None:
        """A hash of all that the examples depend on; `None` where that cannot be known, or the cache is off."""
        backend = getattr(tokenizer, "backend_tokenizer", None)
        if self.folder is None or backend is None:
            return None
        total = hashlib.sha256(MAGIC)
        special = sorted((key, str(value)) for key, value in tokenizer.special_tokens_map.items())
        for part in (_code(), backend.to_str(), tokenizer.chat_template, special, max_length, name, dataset.features):
            total.update(repr(part).encode("utf-8", "surrogatepass") + b"\0")
        for batch in dataset.with_format("arrow").iter(1000):
            sink = hashlib.sha256()
            for column in batch.column_names:
                sink.update(repr(batch[column].to_pylist()).encode("utf-8", "surrogatepass"))
            total.update(sink.digest())
        return total.hexdigest()

    def get(self, key: str):
        """The `Dataset` of that name, or `None`: not there, or not whole."""
        import pyarrow as pa
        from datasets import Dataset

        file = self._file(key)
        try:
            content = file.read_bytes()
        except OSError:
            return None
        head = len(MAGIC) + DIGEST
        whole = content[: len(MAGIC)] == MAGIC
        if not whole or hashlib.sha256(memoryview(content)[head:]).digest() != content[len(MAGIC) : head]:
            print(f"{file}: damaged; the conversations are tokenised again.", flush=True)
            file.unlink(missing_ok=True)
            return None
        with suppress(OSError):  # a cache that may only be read
            os.utime(file)
        with pa.ipc.open_stream(pa.py_buffer(content).slice(head)) as stream:
            table = stream.read_all()
        return Dataset(table, fingerprint=key)

    def put(self, key: str, dataset) -> None:
        """Keep a dataset under a name; where that is not possible, do without."""
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        table = dataset.with_format("arrow")[:]
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        content = memoryview(sink.getvalue())
        file = self._file(key)
        beside = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                out.write(MAGIC + hashlib.sha256(content).digest())
                out.write(content)
            os.replace(beside, file)
            self._tidy()
        except OSError as error:  # a full disk, a folder that may only be read
            with suppress(OSError):
                beside.unlink()
            print(f"Tokenised conversations are not kept in {self.folder}: {error.strerror}.", flush=True)

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}.arrows"

    def _tidy(self) -> None:
        """Remove the least recently used beyond `most_bytes`; never the newest."""
        files = sorted(((file.stat(), file) for file in self.folder.glob("*.arrows")), key=lambda x: -x[0].st_mtime_ns)
        total = 0
        for number, (stat, file) in enumerate(files):
            total += stat.st_size
            if number and total > self.most_bytes:
                file.unlink(missing_ok=True)


def _code() -> str:
    """A hash of the code that makes examples: another version of Pixel takes nothing over."""
    from pixel.data import encoding, examples, persona_slots, rendering, schema, windows
    from pixel.models import labels, labels_clinical

    modules = (examples, rendering, windows, schema, encoding, persona_slots, labels, labels_clinical)
    return hashlib.sha256("".join(inspect.getsource(module) for module in modules).encode()).hexdigest()
