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

ONE_OF_SEVERAL = """
import sys
from pixel.evaluation.cache import LineCache, key_of
cache, name = LineCache(sys.argv[1]), sys.argv[2]
for number in range(150):
    cache.put({key_of(name, number): [name, number, "x" * (number * 97 % 20000)]})
    assert cache.get(key_of(name, number))[:2] == [name, number]
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


def test_two_that_have_the_file_open_take_in_each_others_lines(tmp_path):
    file = tmp_path / "cache.jsonl"
    one, two, reader = LineCache(file), LineCache(file), LineCache(file, writes=False)
    two.put({key_of("a"): "from two"})
    one.put({key_of("b"): "from one"})
    two.put({key_of("c"): "from two again"})
    for cache in (one, two, reader, LineCache(file)):
        told = cache.get_many([key_of(name) for name in "abc"])
        assert told == ["from two", "from one", "from two again"]


def test_processes_that_write_one_file_at_once_lose_and_mix_up_nothing(tmp_path):
    file = tmp_path / "cache.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", ONE_OF_SEVERAL, str(file), name]) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    cache = LineCache(file)
    assert len(cache) == 450
    assert all(cache.get(key_of(name, n))[:2] == [name, n] for name in "abc" for n in range(150))


def test_a_file_that_was_removed_or_replaced_meanwhile_gives_no_wrong_answer(tmp_path):
    file = tmp_path / "cache.jsonl"
    cache = LineCache(file)
    cache.put({key_of("a"): "old", key_of("b"): "old"})
    file.unlink()
    LineCache(file).put({key_of("c"): "new", key_of("b"): "new"})  # as long as before; another line where `a` was
    assert not cache.sound(key_of("a")) and cache.get(key_of("b")) == "new"
    file.unlink()
    assert not cache.sound(key_of("b"))
    cache.put({key_of("a"): "new"})
    assert cache.get(key_of("a")) == "new" and LineCache(file).get(key_of("a")) == "new"
