"""Signals that ask to end are heard, unless whoever started us has them ignored."""

import os
import signal
import threading

from pixel.orchestration.processes import heard


def test_each_is_heard_and_what_was_there_before_comes_back():
    numbers, said = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1), []

    def ours(*_):
        raise AssertionError("it was not heard")

    before = [signal.signal(number, ours) for number in numbers]  # a shell's background job ignores SIGINT
    try:
        with heard(lambda: said.append(1)):
            for number in numbers:
                os.kill(os.getpid(), number)
        assert len(said) == 3 and all(signal.getsignal(number) == ours for number in numbers)
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def test_under_nohup_a_closed_terminal_ends_nothing():
    before, said = signal.signal(signal.SIGHUP, signal.SIG_IGN), []
    try:
        with heard(lambda: said.append(1)):
            os.kill(os.getpid(), signal.SIGHUP)
        assert said == []
    finally:
        signal.signal(signal.SIGHUP, before)


def test_in_another_thread_nothing_is_touched():
    before, seen = signal.getsignal(signal.SIGTERM), []

    def work():
        with heard(lambda: None):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
