"""
Transcribe a folder of recordings, one recording, or playlists.

    python recipes/transcribe.py --input recordings --output outputs/voice
    python recipes/transcribe.py --input playlists.yaml --output outputs/voice --model large-v3 --device cuda
    python recipes/transcribe.py --input recordings --output outputs/voice --second_model embedded:base --diarize

--output gets segments.jsonl and segments.parquet (text, start, end, file, words, confidences, quality),
dropped.jsonl (what nobody said, and why it was taken out), files.jsonl (one row a recording; quarantined ones with
their reason) and summary.json. The files appear when everything is done, the same bytes however often the run was
interrupted. The same command goes on where it stopped; recordings that come later are added.

Anything ffmpeg reads will do. A recording that cannot be used is quarantined and stops nothing.
A YAML of playlists (see pixel/voice/sources/playlists.yaml) is fetched first, into OUTPUT/recordings.

Spread over machines: any scheduler may start the shards, in any order; the last one to end merges them.

    sbatch --array=1-8 --wrap 'python recipes/transcribe.py --input recordings --output outputs/voice \\
        --shard $SLURM_ARRAY_TASK_ID/8'

Shards on machines without a common disk: give each its own --output, bring the folders together, then

    python recipes/transcribe.py --output outputs/voice --merge machine_a/voice machine_b/voice
"""

import argparse
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--input", type=Path, help="folder of recordings, one recording, or playlists.yaml")
    add("--output", type=Path, required=True, help="folder for the dataset")
    what = parser.add_argument_group("what is heard")
    add = what.add_argument
    add("--model", default="embedded:tiny.en", help="embedded:tiny.en (offline, English; the default), embedded:base, "
        "a name that Faster Whisper knows (large-v3, distil-large-v3, ...), or a CTranslate2 folder")  # fmt: skip
    add("--second_model", help="decodes again, so that every segment gets its agreement")
    add("--language", help="of all recordings, e.g. en (default: heard out)")
    add("--beam_size", type=int, default=5, help="1 is greedy (default: 5)")
    add("--batch_size", type=int, default=8, help="clips of 30 s decoded at once (default: 8)")
    add("--compute_type", default="default", help="of CTranslate2: int8, float16, ... (default: the model's own)")
    add("--no_guards", action="store_true", help="keep what the guards against hallucinations would take out")
    add("--diarize", action="store_true", help="say who speaks: S1, S2, ... of each recording")
    add("--mos", action="store_true", help="predict the opinion of listeners (DNSMOS; slow on a CPU)")
    how = parser.add_argument_group("how")
    add = how.add_argument
    add("--device", default="auto", choices=("auto", "cpu", "cuda"))
    add(
        "--workers", type=int, help="processes (default: one a GPU; on a CPU one a core, of large models one for four)"
    )
    add("--threads", type=int, help="of the processor, for all workers together (default: one a core)")
    add("--window_seconds", type=float, default=600.0, help="what a kill may lose a worker (default: 600)")
    add("--attempts", type=int, default=3, help="how often a recording may take a worker down (default: 3)")
    add("--shard", metavar="I/N", help="only this part of the recordings")
    add("--merge", nargs="*", type=Path, metavar="FOLDER", help="only merge the shards of --output and these")
    add("--restart", action="store_true", help="forget what was done before, e.g. with other settings")
    add("--retry_quarantined", action="store_true", help="try quarantined recordings again")
    add("--download_only", action="store_true", help="only fetch the playlists")
    add("--offline", action="store_true", help="never fetch a model")
    chosen = parser.parse_args(arguments)
    if chosen.input is None and chosen.merge is None:
        parser.error("--input is missing: a folder of recordings, one recording, or playlists.yaml")
    return chosen


def main(chosen: argparse.Namespace) -> int:
    from pixel.voice.pipeline.inputs import parse_shard
    from pixel.voice.pipeline.job import Job
    from pixel.voice.pipeline.merging import merge
    from pixel.voice.pipeline.run import transcribe
    from pixel.voice.transcription.settings import Settings

    # ── merge only ──
    if chosen.merge is not None:
        return tell(merge(chosen.output, chosen.merge), chosen.output)

    # ── what and how ──
    names = ("model", "second_model", "device", "compute_type", "beam_size", "batch_size", "language")
    settings = Settings(
        **{name: getattr(chosen, name) for name in names},
        guards=not chosen.no_guards,
        allow_download=not chosen.offline,
    )
    names = ("window_seconds", "diarize", "mos", "workers", "threads", "attempts")
    job = Job(settings, **{name: getattr(chosen, name) for name in names})
    shard = parse_shard(chosen.shard) if chosen.shard else None

    # ── fetch ──
    source = chosen.input
    if source.suffix.lower() in (".yaml", ".yml"):
        source = fetch(source, chosen.output / "recordings", fetched=shard is not None)
        if chosen.download_only:
            return 0

    # ── hear ──
    summary = transcribe(source, chosen.output, job, shard, chosen.restart, chosen.retry_quarantined)
    return tell(summary, chosen.output) if summary else 0


def fetch(playlists: Path, folder: Path, fetched: bool) -> Path:
    """Fetch playlists; shards only take what is there, since they would all fetch the same."""
    from pixel.voice.sources.downloads import download
    from pixel.voice.sources.playlists import load_sources

    if not fetched:
        sources = load_sources(playlists)
        report = download(sources.playlists, folder, sources.settings, say=print)
        print(f"Playlists: {report.summary()}.\n{report.table()}".strip())
    elif not folder.is_dir():
        raise FileNotFoundError(f"{folder}: not there. Mend: fetch once with --download_only, then start the shards")
    return folder


def tell(summary: dict, output: Path) -> int:
    """What came of it, and what could not be used."""
    from pixel.metrics.table import markdown

    if summary["faults"]:
        print(f"\n{markdown(['recording', 'what is wrong'], summary['faults'])}")
    speed = f", {summary['this_run']['x_realtime']:.1f}x real time" if summary["this_run"].get("heard_seconds") else ""
    length = timedelta(seconds=round(summary["seconds"]))
    print(
        f"{summary['done']} of {summary['files']} recordings done, {summary['quarantined']} quarantined; "
        f"{length} of sound{speed}; {summary['segments']} segments, {summary['dropped']} dropped: "
        f"{output}"
    )
    return 0


def mendable() -> tuple[type[Exception], ...]:
    """Errors that say in one line what to do."""
    from pixel.voice.pipeline.lock import Busy
    from pixel.voice.pipeline.pool import CannotStart

    return (Busy, CannotStart, ValueError)


if __name__ == "__main__":
    chosen = options()
    try:
        sys.exit(main(chosen))
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        sys.exit(130)
    except ModuleNotFoundError as error:
        sys.exit(f'error: {error.name} is not installed. Mend: pip install -e ".[voice]"')
    except sqlite3.Error as error:
        mend = "look whether the disk is full; if the file is damaged, remove it"
        sys.exit(f"error: {chosen.output}: manifest.sqlite: {error}. Mend: {mend}")
    except OSError as error:
        mend = "check the path, its rights and the room on the disk"
        sys.exit(f"error: {error.filename}: {error.strerror}. Mend: {mend}" if error.strerror else f"error: {error}")
    except mendable() as error:
        sys.exit(f"error: {error}")
