"""The whole pipeline beside raw Faster Whisper, batched and sequential, at the same settings."""

import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from pixel.benchmarks.voice.cuts import RATE, joined, utterances, write
from pixel.voice.pipeline.job import Job
from pixel.voice.pipeline.run import transcribe
from pixel.voice.transcription.settings import Settings

RAW = "Faster Whisper, batched"


def throughput(
    data_root: str | Path | None = None,
    minutes: float = 10.0,
    files: int = 2,
    repeats: int = 5,
    threads: int = 2,
    settings: Settings | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """
    Transcribe the same recordings every way in turn, `repeats` times over, in another order each time.

    Every way is timed from nothing to the end: processes start, packages are imported, models loaded; Pixel also
    hashes, measures, guards, decodes again where that failed, commits and writes its dataset.

    Args:
        data_root: for real speech; none for a machine's.
        minutes: of speech in all, at least; utterances drawn anew for each recording.
        files: recordings they are spread over.
        repeats: of every way.
        threads: of the processor, for every way in all; two workers have half of them each.
        settings: model, beam, batch, compute type; voice activity detection and word timestamps are on.

    Returns:
        a row a way: `x_realtime` (median, wall clock), `ratio` to raw batched in the same round (mean of the
        logarithms, 95 percent interval by Student's t) by wall clock and by processor time; on a shared machine the
        latter is the steadier.
    """
    settings = replace(settings or Settings(), device="cpu", cpu_threads=threads, vad=True, word_timestamps=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder, seconds = _recordings(Path(scratch) / "recordings", data_root, minutes, files, seed)
        ways: dict[str, Callable[[Path], None]] = {
            RAW: lambda out: _apart(_batched, folder, settings),
            "Faster Whisper, sequential": lambda out: _apart(_sequential, folder, settings),
            "Pixel, 1 worker": lambda out: _pixel(folder, out, settings, 1, threads),
            "Pixel, 2 workers": lambda out: _pixel(folder, out, settings, 2, threads),
        }
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        order = list(ways)
        for round_ in tqdm(range(repeats), desc="Rounds"):
            for name in order[round_ % len(order) :] + order[: round_ % len(order)]:
                times[name].append(_timed(ways[name], Path(scratch) / f"out-{round_}-{len(times[name])}-{name}"))
    return [_row(name, measured, times[RAW], seconds) for name, measured in times.items()]


def _recordings(folder: Path, data_root: Any, minutes: float, files: int, seed: int) -> tuple[Path, float]:
    spoken, draw, seconds = utterances(data_root, seed), np.random.default_rng(seed), 0.0
    for number in range(files):
        pieces: list[np.ndarray] = []
        while sum(map(len, pieces)) < minutes * 60 * RATE / files:
            pieces.append(spoken[draw.integers(len(spoken))])
        samples = joined(pieces)
        write(folder / f"{number}.flac", samples)
        seconds += len(samples) / RATE
    return folder, seconds


def _timed(way: Callable[[Path], None], out: Path) -> tuple[float, float]:
    """Seconds by the wall and by the processor, child processes included."""
    began, used = time.perf_counter(), _processor()
    way(out)
    return time.perf_counter() - began, _processor() - used


def _processor() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _pixel(folder: Path, out: Path, settings: Settings, workers: int, threads: int) -> None:
    summary = transcribe(folder, out, Job(settings, workers=workers, threads=threads), say=lambda line: None)
    assert summary["quarantined"] == 0, summary["faults"]


def _apart(transcriber: Callable, folder: Path, settings: Settings) -> None:
    """In a process of its own, as a script would be."""
    os.environ.update(OMP_WAIT_POLICY="passive", CT2_VERBOSE="-1")  # as Pixel's workers have it
    process = multiprocessing.get_context("spawn").Process(target=transcriber, args=(folder, settings))
    process.start()
    process.join()
    assert process.exitcode == 0, f"{transcriber.__name__} ended with {process.exitcode}"


def _model(settings: Settings) -> Any:
    from faster_whisper import WhisperModel

    from pixel.voice.transcription.models import model_folder

    folder, how = model_folder(settings.model), {"compute_type": settings.compute_type}
    return WhisperModel(folder, device="cpu", cpu_threads=settings.cpu_threads, **how)


def _batched(folder: Path, settings: Settings) -> None:
    from faster_whisper import BatchedInferencePipeline

    pipeline = BatchedInferencePipeline(_model(settings))
    for path in sorted(folder.iterdir()):
        how = {"beam_size": settings.beam_size, "batch_size": settings.batch_size, "language": settings.language}
        list(pipeline.transcribe(str(path), word_timestamps=True, vad_filter=True, **how)[0])


def _sequential(folder: Path, settings: Settings) -> None:
    model = _model(settings)
    for path in sorted(folder.iterdir()):
        how = {"beam_size": settings.beam_size, "language": settings.language}
        list(model.transcribe(str(path), word_timestamps=True, vad_filter=True, **how)[0])


def _row(name: str, times: Sequence[tuple], raw: Sequence[tuple], seconds: float) -> dict[str, Any]:
    wall, processor = (
        _ratio([theirs[kind] / own[kind] for own, theirs in zip(times, raw, strict=True)]) for kind in (0, 1)
    )
    return {
        "way": name,
        "n": len(times),
        "x_realtime": round(float(np.median([seconds / own[0] for own in times])), 1),
        "x_realtime_a_core": round(float(np.median([seconds / own[1] for own in times])), 1),
        "ratio": wall,
        "ratio_processor": processor,
    }


def _ratio(ratios: Sequence[float]) -> str:
    """Geometric mean and its 95 percent interval."""
    from scipy.stats import t as student

    logs = np.log(ratios)
    width = student.ppf(0.975, len(logs) - 1) * logs.std(ddof=1) / len(logs) ** 0.5 if len(logs) > 1 else float("nan")
    middle, low, high = np.exp([logs.mean(), logs.mean() - width, logs.mean() + width])
    return f"{middle:.3f} [{low:.3f}, {high:.3f}]"
