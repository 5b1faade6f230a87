import os
import signal
import subprocess
import sys

import pytest

from pixel.evaluation.cache import LineCache, key_of

WRITER = """
import itertools, sys
from pixel.evaluation.cache import LineCache, key_of
cache = LineCache(sys.argv[1])
for number in itertools.count():
    cache.put({key_of(number): ["x" * 500, number]})
    print(number, flush=True)
"""


def test_what_was_put_is_there_for_the_next_process(tmp_path):
    file = tmp_path / "made" / "cache.jsonl"
    LineCache(file).put({key_of("a"): {"said": "ä\n"}, key_of("b"): [1.5]})
    again = LineCache(file)
    assert again.get_many([key_of("b"), key_of("a")]) == [[1.5], {"said": "ä\n"}]
    assert len(again) == 2 and key_of("c") not in again
    with pytest.raises(KeyError):
        again.get(key_of("c"))


def test_keys_tell_values_apart_and_not_their_order():
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    assert len({key_of("a"), key_of(["a"]), key_of("a", 1), key_of("a", None)}) == 4


def test_a_line_cut_in_the_middle_is_dropped_and_the_others_stay(tmp_path):
    file = tmp_path / "cache.jsonl"
    LineCache(file).put({key_of(n): n for n in range(3)})
    file.write_bytes(file.read_bytes()[:-4])
    again = LineCache(file)
    assert [key_of(n) in again for n in range(3)] == [True, True, False]
    again.put({key_of(2): "new"})
    assert LineCache(file).get_many([key_of(n) for n in range(3)]) == [0, 1, "new"]


def test_a_damaged_line_is_no_answer(tmp_path):
    file = tmp_path / "cache.jsonl"
    LineCache(file).put({key_of("a"): "hello", key_of("b"): "you"})
    file.write_bytes(file.read_bytes().replace(b'"hello"', b'"hel\x00\xff'))
    again = LineCache(file)
    assert not again.sound(key_of("a")) and again.sound(key_of("b"))


def test_readers_keep_to_themselves_what_they_put(tmp_path):
    file = tmp_path / "cache.jsonl"
    LineCache(file).put({key_of("a"): 1})
    reader = LineCache(file, writes=False)
    reader.put({key_of("b"): 2})
    assert reader.get_many([key_of("a"), key_of("b")]) == [1, 2] and key_of("b") not in LineCache(file)


def test_nothing_that_was_put_is_lost_when_the_process_is_killed(tmp_path):
    file = tmp_path / "cache.jsonl"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True)
    put = [int(process.stdout.readline()) for _ in range(50)]
    os.kill(process.pid, signal.SIGKILL)
    put += [int(line) for line in process.stdout.read().split()]
    process.wait()
    cache = LineCache(file)
    assert cache.get_many([key_of(n) for n in put]) == [["x" * 500, n] for n in put]
