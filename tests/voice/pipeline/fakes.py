"""
A transcriber that reads instead of listening, behind the interface of the real one, importable by worker processes.

A recording is a text file: a line a window of ten seconds, whose samples spell the line. Lines that begin with `!` do
something: `!broken` the decoder breaks off, `!die` the worker is killed (as by a segmentation fault), `!die_once PATH`
so the first time, `!error` raises, `!hang` sleeps, `!slow` takes a while, `!hold PATH` waits until
there is such a file, `!quiet` holds no speech; `!poison` in the
first line kills whoever opens the file.
"""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from pixel.voice.audio.errors import AudioError
from pixel.voice.pipeline.tools import Tools
from pixel.voice.segment import Segment, Word
from pixel.voice.transcription.transcriber import Heard

SECONDS, RATE = 10.0, 16_000
LOG = "PIXEL_TEST_LOG"  # file to which every heard window is added


def make_tools(job, settings):
    return Tools(_seconds, _windows, lambda: _Reader(settings), _measure, _speakers, job.mos)


def make_tools_without_a_model(job, settings):
    def load():
        raise ValueError("model nowhere: not found. Mend: name one that is there")

    return Tools(_seconds, _windows, load, _measure, _speakers)


def make_tools_that_die_while_loading(job, settings):
    return Tools(_seconds, _windows, lambda: os.kill(os.getpid(), signal.SIGKILL), _measure, _speakers)


def _lines(path):
    try:
        lines = Path(path).read_text().splitlines()
    except UnicodeDecodeError:
        raise AudioError(f"{path}: is no sound") from None
    if lines and lines[0] == "!poison":  # takes down whoever opens it
        os.kill(os.getpid(), signal.SIGSEGV)
    return lines


def _seconds(path):
    return len(_lines(path)) * SECONDS


def _windows(path, seconds):
    for index, line in enumerate(_lines(path)):
        if line == "!broken":
            raise AudioError(f"{path}: broke off. Mend: fetch it again")
        samples = np.zeros(round(SECONDS * RATE), np.float32)
        spelt = np.frombuffer(line.encode(), np.uint8)
        samples[: len(spelt)] = spelt / 256
        yield SimpleNamespace(index=index, start=index * SECONDS, samples=samples)


class _Reader:
    def __init__(self, settings):
        self.settings = settings

    def window(self, file, samples, start, language=None):
        line = (samples * 256).astype(np.uint8).tobytes().rstrip(b"\0").decode()
        if LOG in os.environ:
            with open(os.environ[LOG], "a") as log:
                log.write(f"{file}|{start:g}|{language}|{os.getpid()}|{self.settings.cpu_threads}\n")
        command, _, argument = line.partition(" ")
        if command == "!die" or (command == "!die_once" and not Path(argument).exists()):
            if argument:
                Path(argument).touch()
            os.kill(os.getpid(), signal.SIGSEGV)
        elif command == "!error":
            raise RuntimeError("the accelerator\nis in disorder")
        elif command in ("!hang", "!slow"):
            time.sleep(600 if command == "!hang" else 0.2)
        elif command == "!hold":
            while not Path(argument).exists():
                time.sleep(0.02)
        said = [] if command == "!quiet" else line.split()
        words = tuple(Word(f" {word}", start + i, start + i + 0.5, 0.9) for i, word in enumerate(said))
        kept = [Segment(file, start, start + len(said), line, words, "en", 0.98765)] if said else []
        dropped = [Segment(file, start + 8.0, start + 9.0, "Thank you.", flags=("silence",))]
        return Heard(kept, dropped, "en", 0.98765, float(len(said)))


def _measure(samples, speech, mos):
    return {"snr_db": float(len(speech)), "loudness_lufs": None} | ({"mos_ovr": 3.0} if mos else {})


def _speakers(path, segments):
    """By turns, an utterance of three words by two; a recording in which somebody says `nobody` kills the worker."""
    if any("nobody" in segment.text for segment in segments):
        os.kill(os.getpid(), signal.SIGKILL)
    parts = []
    for segment in segments:
        cuts = (slice(0, 2), slice(2, 3)) if len(segment.words) == 3 else (slice(None),)
        for words in (segment.words[cut] for cut in cuts):
            text = "".join(word.text for word in words).strip()
            part = replace(segment, words=words, text=text, start=words[0].start, end=words[-1].end)
            parts.append(replace(part, speaker=f"S{len(parts) % 2 + 1}"))
    return parts
