"""What every script of the workflow does first: threads and log file. Also runs a script without Snakemake.

A script of ``workflow/scripts`` is a function, named as its rule, that gets its job::

    from study.job import run

    def boxes(job): ...

    if __name__ == "__main__":
        run(boxes, globals().get("snakemake"))

Called by Snakemake it gets the rule's job. Called by hand, in a debugger say, it builds the same job from the Snakefile::

    python -m workflow.scripts.boxes dataset=lytro
    python -m pdb -m workflow.scripts.fuse_set dataset=embedded method=gff configfile=config/embedded.yaml
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from files.machine import ROOT

#: A job as Snakemake gives it to a script: ``input``, ``output``, ``params``, ``wildcards``, ``log``, ``threads``, ``rule``.
Job = Any


def run(script: Callable[[Job], None], job: Job | None) -> None:
    """Run a script on its job.

    Parameters
    ----------
    script : callable
        Named as its rule.
    job : object or None
        The object ``snakemake``; None builds it from the command line (``wildcard=value ...``).
    """
    if job is None:
        job = by_hand(script.__name__, sys.argv[1:])
    else:
        threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    # Before NumPy and torch are imported, which read the number of threads once.
    limit_threads(job.threads)
    log_to(job.log[0])
    script(job)


def limit_threads(count: int) -> None:
    """Give NumPy, OpenCV and torch `count` threads; call it before any of them is imported where possible."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(count)
    import threadpoolctl

    threadpoolctl.threadpool_limits(count)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(count)
    if "cv2" in sys.modules:
        sys.modules["cv2"].setNumThreads(count)


def log_to(path: str | Path) -> None:
    """Send log records of this process, and uncaught errors, to a file."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=path, filemode="w", level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.captureWarnings(True)

    def record(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.critical("the job ended with an error", exc_info=(kind, error, trace))
        sys.__excepthook__(kind, error, trace)

    sys.excepthook = record


def _follow(parent: int) -> None:
    """End with the run that started this job, also when that is killed: the next run must not meet it."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def by_hand(rule: str, arguments: list[str]) -> Job:
    """The job of a rule, built from the Snakefile as a run would build it; its inputs must be there.

    Parameters
    ----------
    rule : str
    arguments : list of str
        ``wildcard=value``, and ``configfile=FILE`` for what comes on top of ``config/config.yaml``.

    Raises
    ------
    SystemExit
        The arguments do not fit the rule.
    """
    wrong = [argument for argument in arguments if "=" not in argument]
    if wrong:
        sys.exit(f"error: {wrong[0]!r}: write wildcard=value, such as dataset=lytro")
    given = dict(argument.split("=", 1) for argument in arguments)
    configfile = given.pop("configfile", None)
    # The order matters: its modules import each other.
    import snakemake.api  # noqa: F401 isort: skip
    from snakemake import settings
    from snakemake.dag import DAG
    from snakemake.jobs import Job as SnakemakeJob
    from snakemake.logging import LoggerManager, logger
    from snakemake.script import Snakemake
    from snakemake.workflow import Workflow

    workflow = Workflow(
        settings.types.ConfigSettings(configfiles=[Path(configfile)] if configfile else []),
        settings.types.ResourceSettings(cores=os.cpu_count()),
        settings.types.WorkflowSettings(),
        LoggerManager(logger, settings.types.OutputSettings()),
        storage_settings=settings.types.StorageSettings(),
        dag_settings=settings.types.DAGSettings(rerun_triggers=frozenset()),
        deployment_settings=settings.types.DeploymentSettings(),
        storage_provider_settings={},
        overwrite_workdir=ROOT,
    )
    workflow.include(str(ROOT / "Snakefile"))
    known = workflow.get_rule(rule)
    if given.keys() != known.wildcard_names:
        sys.exit(
            f"error: rule {rule} needs {', '.join(f'{n}=...' for n in sorted(known.wildcard_names)) or 'no wildcards'}"
        )
    job = SnakemakeJob(known, DAG(workflow, rules=[known]), given)
    return Snakemake(
        job.input,
        job.output,
        job.params,
        job.wildcards,
        job.threads,
        job.resources,
        job.log,
        workflow.config,
        rule,
        None,
        scriptdir=str(ROOT / "workflow" / "scripts"),
    )
