"""A Slurm cluster of one node, this machine, to try `profiles/slurm` on: daemons of a user's own, all their files in one folder.

::

    eval "$(python tools/slurm_node.py start FOLDER)"     # the line makes sbatch, sinfo and Snakemake find it
    python tools/slurm_node.py stop FOLDER

Needs Slurm and MUNGE (Debian and Ubuntu: ``apt install slurmctld slurmd slurm-client munge``). There is no accounting
(``snakemake --slurm-status-command squeue``) and no control groups: memory is counted when jobs are placed, but a job that takes more is
not stopped.
"""

import argparse
import contextlib
import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "sinfo")
#: Where Debian keeps daemons; not in every user's path.
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
#: Seconds until the daemons must have found each other.
PATIENCE = 60.0

CONFIGURATION = """\
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={controller}
SlurmdPort={node}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
# Snakemake asks squeue how a job ended; it must still know.
MinJobAge=600
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE OverSubscribe=NO State=UP
"""


def start(folder: Path) -> str:
    """Start the daemons.

    Parameters
    ----------
    folder : Path
        Made when missing; holds configuration, key, state and logs.

    Returns
    -------
    str
        The shell line that points Slurm's programs at this cluster.

    Raises
    ------
    SystemExit
        A program is missing, or the node does not come up; the message names the log.
    """
    missing = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    if missing:
        sys.exit(
            f"error: {', '.join(missing)}: not installed; on Debian: apt install slurmctld slurmd slurm-client munge"
        )
    folder = folder.resolve()
    if running(folder):
        sys.exit(f"error: {folder}: a cluster runs there already; stop it first, or name another folder")
    for name in ("", "state", "spool", "bin"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        # MUNGE refuses a place where others could write.
        (folder / name).chmod(0o755)
    key = folder / "munge.key"
    if not key.exists():
        key.touch(0o600)
        key.write_bytes(secrets.token_bytes(128))
    controller, node = _free_ports(2)
    settings = {"folder": folder, "host": socket.gethostname().partition(".")[0], "user": getpass.getuser()}
    settings |= {"controller": controller, "node": node, "cpus": os.cpu_count()}
    configuration = folder / "slurm.conf"
    memory = int(psutil.virtual_memory().total / 2**20 * 0.9)
    configuration.write_text(CONFIGURATION.format(memory=memory, **settings), encoding="utf-8")
    options = {"key-file": key, "socket": folder / "munge.socket", "pid-file": folder / "munged.pid"}
    options |= {"log-file": folder / "munged.log", "seed-file": folder / "munge.seed"}
    # Snakemake's jobs start their steps without the variable.
    step = folder / "bin" / "srun"
    step.write_text(f'#!/bin/sh\nSLURM_CONF="{configuration}" exec {shutil.which("srun")} "$@"\n', encoding="utf-8")
    step.chmod(0o755)
    _run("munged", "--force", *(f"--{name}={value}" for name, value in options.items()))
    _run("slurmctld", "-c", "-f", str(configuration))
    _run("slurmd", "-f", str(configuration))
    line = f"export SLURM_CONF={configuration} PATH={step.parent}:$PATH"
    deadline = time.monotonic() + PATIENCE
    while _state(configuration) != "idle":
        if time.monotonic() > deadline:
            stop(folder)
            sys.exit(
                f"error: the node did not come up within {PATIENCE:.0f} s; see {folder}/slurmctld.log and slurmd.log"
            )
        time.sleep(0.5)
    return line


def stop(folder: Path) -> None:
    """Stop the daemons that `start` left running in that folder, and the jobs that they run."""
    for process in running(folder.resolve()):
        for one in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGTERM)
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(15)
        if process.is_running():
            process.kill()


def running(folder: Path) -> list[psutil.Process]:
    """The daemons of that folder that run, in the order in which they are stopped."""
    found = []
    for name in ("slurmd", "slurmctld", "munged"):
        with contextlib.suppress(OSError, ValueError, psutil.NoSuchProcess):
            process = psutil.Process(int((folder / f"{name}.pid").read_text(encoding="utf-8")))
            # Numbers of processes are given again.
            if process.name() == name:
                found.append(process)
    return found


def _run(name: str, *arguments: str) -> None:
    program = shutil.which(name, path=PATH)
    assert program is not None
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        sys.exit(f"error: {name} did not start: {done.stderr.strip() or done.stdout.strip()}")


def _state(configuration: Path) -> str:
    environment = os.environ | {"SLURM_CONF": str(configuration)}
    command = ["sinfo", "--noheader", "--format=%t"]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python tools/slurm_node.py", description="A Slurm cluster of one node.")
    parser.add_argument("verb", choices=("start", "stop"))
    parser.add_argument("folder", type=Path, help="configuration, key, state and logs")
    given = parser.parse_args()
    if given.verb == "start":
        print(start(given.folder))
    else:
        stop(given.folder)


if __name__ == "__main__":
    main()
