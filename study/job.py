"""What every script of the workflow does first: threads, log file, device. Also runs a script without Snakemake.

A script of ``workflow/scripts`` is a function that gets its job::

    from study.job import run

    def boxes(job): ...

    if __name__ == "__main__":
        run(boxes, globals().get("snakemake"))

Called by Snakemake it gets the rule's job. Called by hand, it builds the same job from the Snakefile::

    python workflow/scripts/boxes.py dataset=lytro
    python -m pdb workflow/scripts/fuse_set.py dataset=embedded method=gff
"""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
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
    job = job or by_hand(script.__name__, sys.argv[1:])
    # Before NumPy and torch are imported, which read these variables once.
    limit_threads(job.threads)
    log_to(job.log[0])
    script(job)


def by_hand(rule: str, arguments: list[str]) -> Job:
    """The job of a rule, built from the Snakefile as a run would; its inputs must be there.

    Parameters
    ----------
    rule : str
    arguments : list of str
        ``wildcard=value``.
    """
    from snakemake.api import DAGSettings, DeploymentSettings, ResourceSettings, SnakemakeApi, StorageSettings
    from snakemake.settings.types import ConfigSettings, OutputSettings, WorkflowSettings

    wildcards = dict(argument.split("=", 1) for argument in arguments)
    with SnakemakeApi(OutputSettings(verbose=False)) as api:
        opened = api.workflow(
            resource_settings=ResourceSettings(cores=os.cpu_count()),
            config_settings=ConfigSettings(),
            storage_settings=StorageSettings(),
            workflow_settings=WorkflowSettings(),
            deployment_settings=DeploymentSettings(),
            snakefile=ROOT / "Snakefile",
        )
        opened.dag(DAGSettings())
        workflow = opened._workflow_store
        workflow.include(str(ROOT / "Snakefile"), overwrite_default_target=True)
        found = workflow.get_rule(rule)
        return _expand(found, wildcards)


def _expand(rule: Any, wildcards: dict[str, str]) -> Job:
    raise NotImplementedError
