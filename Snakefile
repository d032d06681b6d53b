"""focusbench: from source images to tables and figures.

Targets: all, fuse, score, tables, figures, timing, train, stacks, ablation, trust, report.
"""

import os
import sys
from pathlib import Path


# Only with --software-deployment-method conda: the libraries of all that follows.
conda: "environment.yml"


ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT))

import methods
import metrics
import scenes
from files.errors import InputError
from files.identity import Code
from study.config import resolve
from study.figures import shown
from study.run import lock
from study.run.summary import command_line, failures
from study.store import POOLED, Results


configfile: ROOT / "config" / "config.yaml"


try:
    settings = resolve(config)
    shown.check(settings)
except InputError as error:
    raise WorkflowError(str(error))

RESULTS = Results(settings.kept or "results")
DATASETS = list(settings.datasets)
TIMED = settings.timed


wildcard_constraints:
    dataset="[a-z0-9_]+",
    method="[a-z0-9_]+",


onstart:
    lock.take(Path.cwd())
    # For the record of the run; a parameter would make every other command look like a change.
    os.environ["FOCUSBENCH_COMMAND"] = command_line(sys.argv)
    for name in settings.idle_variants:
        print(
            f"focusbench: variants.{name} takes no part: neither it nor its method is among methods",
            file=sys.stderr,
        )


onsuccess:
    # The summary is written first: a job that failed would lose it.
    if failed := failures(RESULTS, lock.started(Path.cwd())):
        raise WorkflowError("\n".join(["focusbench: not everything succeeded:", *failed]))


include: "workflow/rules/common.smk"


# Tables and figures that are made of kept scores need nothing that was run here.
if settings.kept is None:

    include: "workflow/rules/sources.smk"
    include: "workflow/rules/fuse.smk"
    include: "workflow/rules/score.smk"
    include: "workflow/rules/timing.smk"


include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/gacn.smk"


if settings.kept is None:

    include: "workflow/rules/summary.smk"
    include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        rules.tables.input + rules.figures.input if settings.kept else RESULTS.page("summary.md"),
