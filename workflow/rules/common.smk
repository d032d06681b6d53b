import shutil

from workflow import stacks

# What `results/fused` may hold: the methods of the run, and the two strategies of the stack tables.
ENTRIES = stacks.ENTRIES | settings.entries


def entry_of(wildcards):
    """The method entry of a job as plain values (Snakemake keeps parameters as text)."""
    return dict(vars(ENTRIES[wildcards.method]))


def code_of(wildcards):
    """Hash of the sources of a job's method: an edited plug-in re-runs its own jobs only."""
    return methods.registry.source_hash(ENTRIES[wildcards.method].method)


def folder_of(wildcards):
    """Folder of a user's data set, or an empty string for a catalogued one."""
    return settings.folders.get(wildcards.dataset, "")


def budget_of(wildcards):
    """Largest forecast, in seconds, of one method on a job's data set (0 = no limit)."""
    return settings.budget.get(wildcards.dataset) or 0


def gpu_of(wildcards):
    """GPUs a job claims: one for a method that can use it, where there is one."""
    possible = settings.device != "cpu" and shutil.which("nvidia-smi") is not None
    return int(possible and "device" in ENTRIES[wildcards.method].declared.needs)


def files_of(wildcards):
    """Catalogue files that a job's method declares."""
    return list(ENTRIES[wildcards.method].declared.files)


def weights_of(wildcards):
    """What a job waits for so that its method's files are fetched: nothing where it has none."""
    return ["results/sources/weights/{method}.txt"] if files_of(wildcards) else []


# The embedded data set needs no download: its results come first. Each rule has a twin of higher priority for it. (An
# input marked ancient would hide changes further down from Snakemake, a plain one would run everything again.)
FIRST = 100
