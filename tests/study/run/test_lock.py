"""One run at a time in a folder; a killed run leaves no lock behind."""

import signal
import subprocess
import sys
import time

import pytest

from files.errors import InputError
from study.run import lock

HOLD = "import sys, time; from pathlib import Path; from study.run import lock; lock.take(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"


def _holder(folder):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_refused_with_the_process_of_the_first(tmp_path):
    first = _holder(tmp_path)
    try:
        with pytest.raises(InputError, match=f"process {first.pid}"):
            lock.take(tmp_path)
    finally:
        first.kill()
        first.wait()


def test_a_killed_run_leaves_no_lock(tmp_path):
    first = _holder(tmp_path)
    first.send_signal(signal.SIGKILL)
    first.wait()
    lock.take(tmp_path)
    assert lock.started(tmp_path) == pytest.approx(time.time(), abs=30)
