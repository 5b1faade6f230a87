"""From a recipe's YAML to a frozen study."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import yaml
from datasets import load_from_disk

from pixel.benchmarks.frozen_study import FrozenStudy, halves
from pixel.benchmarks.table_files import load_table, save_table
from pixel.hub.packages import cache_home
from pixel.training import DataArguments, ModelArguments, PixelTrainingArguments, load_pixel
from pixel.training.arguments import SettingError
from pixel.training.keeping import write_json
from pixel.training.turn_table import TurnTable


def read_settings(file: str | Path) -> dict[str, Any]:
    """
    The mapping in a YAML file.

    Raises:
        SettingError: no such file, or no mapping in it.
    """
    file = Path(file)
    if not file.is_file():
        raise SettingError(f"{file}: no such file. Mend: name a YAML such as recipes/configs/real_corpora_shared.yaml")
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise SettingError(f"{file}: not YAML: {' '.join(str(error).split())}. Mend: fix that line") from error
    if not isinstance(content, dict):
        raise SettingError(f"{file}: holds no settings. Mend: write `name: value` lines")
    return content


def load_study(config: str | Path, load_mixture: Callable, **changes: Any) -> FrozenStudy:
    """
    Load model and corpora of a recipe's YAML and compute the turn states; the tables are kept for the next time.

    Args:
        config: YAML with `frozen_trunk: true` and `shared_size`.
        load_mixture: `datasets_scripts.mixture.load_mixture`.
        changes: options in place of the YAML's.

    Raises:
        SettingError: an option that does not exist, or a config that trains the trunk.
        ConversationError: see `load_mixture`.
    """
    settings = read_settings(config) | changes
    if not settings.pop("frozen_trunk", False) or not settings.get("shared_size"):
        raise SettingError(f"{config}: a study needs frozen_trunk: true and shared_size. Mend: set both")
    data, model = (_take(settings, kind) for kind in (DataArguments, ModelArguments))
    known = {option.name for option in fields(PixelTrainingArguments)}
    if unknown := sorted(set(settings) - known):
        raise SettingError(f"{config}: there is no option {unknown[0]!r}. Mend: see recipes/train.py --help")
    settings.pop("output_dir", None)
    seed = settings.pop("seed", 0)
    length = settings.get("max_length", PixelTrainingArguments.max_length)
    tokenizer, network = load_pixel(model)
    folder = cache_home() / "studies" / _name(data, model, length, seed)
    if not (folder / "order.json").exists():
        mixture = load_mixture(data, tokenizer, length, seed=seed)
        for corpus, examples in mixture.validation.items():
            table = TurnTable.of(network, examples, tokenizer.pad_token_id)
            save_table(table, folder / f"{quote(corpus, safe='')}.validation")  # a corpus may be a file
        save_table(TurnTable.of(network, mixture.unmixed, tokenizer.pad_token_id), folder / "train")
        mixture.unmixed.save_to_disk(folder / "examples")
        write_json(folder / "order.json", list(mixture.order))
    held_out = {unquote(file.stem): load_table(file) for file in sorted(folder.glob("*.validation"))}
    order = json.loads((folder / "order.json").read_text(encoding="utf-8"))
    examples = partial(load_from_disk, folder / "examples")
    return FrozenStudy(network, settings, load_table(folder / "train"), order, halves(held_out), examples)


def _name(data: DataArguments, model: ModelArguments, length: int, seed: int) -> str:
    """A name for these turns: other options or other files give another."""
    files = sorted(Path(data.data_root or ".").rglob("*")) if data.data_root else []
    stamps = [(file.name, hashlib.blake2b(file.read_bytes()).hexdigest()) for file in files if file.is_file()]
    given = [_changed(data) | {"data_root": None}, _changed(model), length, seed, stamps]
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:16]


def _changed(options) -> dict[str, Any]:
    """What differs from the defaults: an option that is new in Pixel changes no name."""
    plain = asdict(type(options)())
    return {name: value for name, value in asdict(options).items() if value != plain[name]}


def _take(settings: dict[str, Any], kind):
    names = {option.name for option in fields(kind)}
    return kind(**{name: settings.pop(name) for name in list(settings) if name in names})
