"""The measurements of voice by name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pixel.benchmarks.voice import parts

ROOT = Path(__file__).resolve().parents[3]


def test_every_part_names_a_function_that_says_what_it_returns():
    functions = {name: parts._function(name) for name in parts.PARTS}

    assert all(callable(function) and function.__doc__ for function in functions.values())
    assert len(set(functions.values())) == len(functions)


def test_a_part_gets_what_it_takes_and_no_more(monkeypatch):
    def drawn(data_root, seed=0):
        return [{"data_root": data_root, "seed": seed}]

    def timed(minutes=1.0):
        return [{"minutes": minutes}]

    monkeypatch.setattr(parts, "PARTS", {"drawn": "", "timed": ""})
    monkeypatch.setattr(parts, "_function", {"drawn": drawn, "timed": timed}.get)
    given = {"data_root": "data", "seed": 3, "minutes": 2}

    assert parts.measure("drawn", given) == [{"data_root": "data", "seed": 3}]
    assert parts.measure("timed", given) == [{"minutes": 2}]
    with pytest.raises(ValueError, match="no measurement takes minuets"):
        parts.measure("timed", {"minuets": 2})


def test_an_unknown_part_is_answered_with_the_known_ones():
    command = [sys.executable, "recipes/benchmark.py", "voice", "--parts", "singing"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)

    assert done.returncode != 0
    assert "no such part: singing" in done.stderr and "fingerprints" in done.stderr
    assert "Traceback" not in done.stderr
