"""The corpora of a training run: loaded, limited, tokenised, mixed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from datasets_scripts import load_corpus
from pixel.data.content_hash import content_hash
from pixel.data.errors import ConversationError
from pixel.data.examples import encode_dataset
from pixel.data.files import load_conversations
from pixel.data.mixing import mix
from pixel.data.seed import load_seed
from pixel.data.seen import SeenRows

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

    from pixel.training.arguments import DataArguments

PLACE = "place_in_unmixed"


@dataclass
class Mixture:
    """
    Attributes:
        train: one shuffled `Dataset` of examples (see `pixel.data.examples.encode_row`).
        unmixed: the same examples once each, in corpus order.
        order: for each example of `train`, its place in `unmixed`.
        validation: examples by corpus.
        rows: corpus -> (training conversations, validation conversations).
        licences: corpus -> licences of its rows.
        seen: the conversations that are trained on, for evaluations to leave out.
        hashes: corpus -> hash of its training conversations, labels and all, whatever their order.
    """

    train: "Dataset"
    unmixed: "Dataset"
    validation: dict[str, "Dataset"]
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    licences: dict[str, list[str]] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    seen: SeenRows = field(default_factory=SeenRows)
    hashes: dict[str, str] = field(default_factory=dict)


def load_mixture(
    data: "DataArguments", tokenizer, max_length: int, *, seed: int = 0, prepare: Callable | None = None
) -> Mixture:
    """
    Load what `data` names.

    Args:
        data: corpora, and how they are mixed.
        tokenizer: fast, with a chat template.
        max_length: in tokens.
        seed: of splits and draws.
        prepare: takes the training conversations of a corpus and its name, and returns what is to be tokenised.

    Raises:
        ConversationError: a corpus that cannot be read, or nothing left after filtering.
    """
    from datasets import concatenate_datasets

    train, once, validation, mixture, placed = {}, [], {}, Mixture(None, None, {}), 0
    for name in [*data.corpora, *data.dataset]:
        splits = _load(name, data, seed)
        splits = _without(splits, data.exclude_licences)
        ignored = [field for field in data.ignore_labels.get(name, ()) if field in splits["train"].column_names]
        splits = splits.remove_columns(ignored)
        if not len(splits["train"]):
            continue
        chosen = splits["train"].shuffle(seed=seed)
        if name in data.limit:
            chosen = chosen.select(range(min(data.limit[name], len(chosen))))
        mixture.licences[name] = sorted({licence or "not stated" for licence in chosen["licence"]})
        mixture.rows[name] = (len(chosen), len(splits["validation"]) if "validation" in splits else 0)
        mixture.seen |= SeenRows.of(chosen.select_columns("messages"))
        mixture.hashes[name] = content_hash(chosen)
        if prepare is not None:
            chosen = prepare(chosen, name)
        encoded = encode_dataset(chosen, tokenizer, max_length, name=name)
        encoded = encoded.add_column(PLACE, range(placed, placed + len(encoded)))
        placed += len(encoded)
        once.append(encoded)
        train[name] = encoded.select([i for _ in range(data.repeat.get(name, 1)) for i in range(len(encoded))])
        if mixture.rows[name][1]:
            validation[name] = encode_dataset(splits["validation"], tokenizer, max_length, name=f"{name} (validation)")
    if not train:
        raise ConversationError("no conversation is left", field="corpora", mend="name corpora, or exclude less")
    try:
        mixture.train = mix(train, temperature=data.temperature, quotas=data.quotas, total=data.rows, seed=seed)
    except ValueError as error:
        raise ConversationError(f"the mixture: {error}", mend="change temperature or quotas") from error
    mixture.order = mixture.train[PLACE]
    mixture.train = mixture.train.remove_columns(PLACE)
    mixture.unmixed, mixture.validation = concatenate_datasets(once).remove_columns(PLACE), validation
    return mixture


def _load(name: str, data: "DataArguments", seed: int) -> "DatasetDict":
    if name == "seed":
        return load_seed(data.validation, seed)
    if name in data.dataset:
        return load_conversations(name, data.validation, seed)
    return load_corpus(name, data.data_root, cache_dir=data.cache_dir, validation=data.validation, seed=seed)


def _without(splits: "DatasetDict", words: list[str]) -> "DatasetDict":
    """Drop rows whose licence contains one of the words, whatever their case."""
    if not words:
        return splits
    low = [word.lower() for word in words]
    return splits.filter(lambda licence: not any(w in (licence or "").lower() for w in low), input_columns=["licence"])
