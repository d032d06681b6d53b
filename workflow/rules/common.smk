import shutil

from study.gacn import ablation_table as ablation
from study import records
from study.gacn import time_stacks as stacks
from study.gacn import train_network as training

ABLATION = ablation.entries(settings.ablation)
# What `results/fused` may hold: the methods of the run, the strategies of the stack tables, and the variants of the ablation.
ENTRIES = stacks.ENTRIES | ABLATION | settings.entries
STRATEGIES = list(stacks.ENTRIES)


def entry_of(wildcards):
    """The method entry of a job as plain values (Snakemake keeps parameters as text)."""
    return dict(vars(ENTRIES[wildcards.method]))


def code_of(wildcards):
    """Hash of the sources of a job's method: an edited plug-in re-runs its own jobs only.

    Files that options name belong to it; parameters that this workflow trains are an input instead (`weights_of`).
    """
    entry = ENTRIES[wildcards.method]
    files = "" if training.record_of(entry) else training.checksums(entry)
    return methods.registry.source_hash(entry.method) + files


def folder_of(wildcards):
    """Folder of a user's data set, or an empty string for a catalogued one."""
    return settings.folders.get(wildcards.dataset, "")


def budget_of(wildcards):
    """Largest forecast, in seconds, of one method on a job's data set (0 = no limit, as for the proposed method)."""
    if wildcards.method in ABLATION or ENTRIES[wildcards.method].declared.kind == "proposed":
        return 0
    return settings.budget.get(wildcards.dataset) or 0


def gpu_of(wildcards):
    """GPUs a job claims: one for a method that can use it, where there is one."""
    possible = settings.device != "cpu" and shutil.which("nvidia-smi") is not None
    return int(possible and "device" in ENTRIES[wildcards.method].declared.needs)


def files_of(wildcards):
    """Catalogue files that a job's method declares."""
    return list(ENTRIES[wildcards.method].declared.files)


def weights_of(wildcards):
    """What a job waits for so that its method's files are fetched or trained: nothing where it has none."""
    waits = ["results/sources/weights/{method}.txt"] if files_of(wildcards) else []
    trained = training.record_of(ENTRIES[wildcards.method])
    if trained and (Path(trained).stem in RUNS or Path(trained).is_file()):
        waits.append(trained)
    return waits


def dataset_shown(wildcards):
    """Data set of the scene that a figure's file name gives."""
    return shown.find(settings, wildcards.shown)[0]


def methods_shown(figure):
    """Methods of the run that a figure shows: those configured, or all but controls."""
    names = settings.figures[figure]["methods"]
    if names is None:
        return [n for n, e in settings.entries.items() if e.declared.kind != "control"]
    return [n for n in names if n in settings.entries]


def shown_strategies(wildcards):
    """Strategies whose maps the figure of a stack shows: one by one only where it is fused for the quality table."""
    names = (
        STRATEGIES
        if wildcards.stack in settings.stacks["quality"]
        else [stacks.CALIBRATED]
    )
    return expand(
        "results/fused/{stack}/{method}.csv", stack=wildcards.stack, method=names
    )


# The embedded data set needs no download: its results come first. Each rule has a twin of higher priority for it. (An
# input marked ancient would hide changes further down from Snakemake, a plain one would run everything again.)
FIRST = 100
