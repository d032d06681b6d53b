"""focusbench: from source images to tables and figures.

Targets: all, fuse, score, tables, figures, timing, train, stacks, ablation, report.
"""

import sys
from pathlib import Path

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT))

import methods
import metrics
import scenes
from files.errors import InputError
from study.figures import shown
from study.config import resolve
from study.runtime import clear_stale_lock, command_line, note_owner


configfile: ROOT / "config" / "config.yaml"


try:
    settings = resolve(config)
    shown.check(settings)
except InputError as error:
    raise WorkflowError(str(error))

clear_stale_lock(Path.cwd())

DATASETS = list(settings.datasets)
METHODS = list(settings.entries)


wildcard_constraints:
    dataset="[a-z0-9_]+",
    method="[a-z0-9_]+",


onstart:
    note_owner(Path.cwd())


include: "workflow/rules/common.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/align.smk"
include: "workflow/rules/fuse.smk"
include: "workflow/rules/score.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/timing.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/ablation.smk"
include: "workflow/rules/stacks.smk"
include: "workflow/rules/summary.smk"
include: "workflow/rules/report.smk"


rule all:
    input:
        "results/summary.md",
    default_target: True
