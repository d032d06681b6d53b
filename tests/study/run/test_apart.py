"""A process of its own: answers, ends in every way, and does not outlive the one that asks."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from study.run.apart import Apart, Ended

ASK = """
import os, time
from study.run.apart import Apart

def work(seconds):
    print(os.getpid(), flush=True)
    time.sleep(seconds)

Apart(lambda: work).ask(600)
"""


@pytest.fixture
def doubled(forked):
    def double(number):
        if number < 0:
            os._exit(-number)
        return os.getpid(), 2 * number

    with contextlib.closing(Apart(lambda: double)) as apart:
        yield apart


def test_one_process_answers_until_it_ends(doubled):
    (process, four), (same, six) = doubled.ask(2), doubled.ask(3)
    assert (four, six) == (4, 6) and process == same != os.getpid()
    with pytest.raises(Ended, match="exit status 3"):
        doubled.ask(-3)
    again, eight = doubled.ask(4)
    assert eight == 8 and again != process


@pytest.mark.usefixtures("forked")
def test_what_cannot_be_prepared_is_said():
    with contextlib.closing(Apart(lambda: 1 / 0)) as apart, pytest.raises(Ended, match="ZeroDivisionError"):
        apart.ask(1)


def test_it_ends_with_the_process_that_asks():
    asking = subprocess.Popen([sys.executable, "-c", ASK], stdout=subprocess.PIPE, text=True)
    working = psutil.Process(int(asking.stdout.readline()))
    asking.send_signal(signal.SIGKILL)
    asking.wait()
    deadline = time.monotonic() + 20
    while working.is_running() and working.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not working.is_running() or working.status() == psutil.STATUS_ZOMBIE
