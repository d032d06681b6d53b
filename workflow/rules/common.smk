from study import records
from study.gacn import entries as gacn
from study.run import claims

# Entries that results may be made for: methods of the run, strategies of the stack tables, variants of the ablation.
ENTRIES = gacn.STRATEGY_ENTRIES | gacn.ablation_entries(settings.ablation) | settings.entries

CODE = Code(ROOT, Path.cwd())


def code_of(script, *templates):
    """Identity of what a script of this workflow computes: the rule runs again when that changes, and only then.

    Templates (paths below the program's folder) whose text it writes belong to it.
    """
    texts = [records.sha256(ROOT / template)[:16] for template in templates]
    return " ".join([CODE.of(f"workflow/scripts/{script}.py"), *texts])


def first(wildcards):
    """Priority of a job: the data set that needs no download comes first, so that there are results to look at soon."""
    return 100 if getattr(wildcards, "dataset", "") == "embedded" else 0


def entry_of(wildcards):
    """The method entry of a job as plain values (Snakemake keeps parameters as text), without its label, which decides nothing."""
    entry = ENTRIES[wildcards.method]
    return {
        "name": entry.name,
        "method": entry.method,
        "label": entry.name,
        "options": dict(entry.options),
    }


def of_all(path):
    """Results of every method on every data set of the run; `path` gives the place of one, such as ``RESULTS.fused``."""
    return [path(dataset, method) for dataset in DATASETS for method in settings.entries_on(dataset)]


def of_one(path):
    """Input function: results of every method on the data set of a job."""
    return lambda wildcards: [path(wildcards.dataset, method) for method in settings.entries_on(wildcards.dataset)]


def entries_of(wildcards):
    """The method entries of a job's data set as plain values."""
    return [dict(vars(entry)) for entry in settings.entries_on(wildcards.dataset).values()]


# Here, a job that wants the machine to itself claims all cores. A cluster has no such number: it gives the threads, and a node (profiles/slurm).
ALL_CORES = workflow.resource_settings.cores or settings.timing["threads"]


def gpu_of(wildcards):
    """GPUs a job claims: one for a method that can use it, where there is one."""
    return claims.gpus(ENTRIES[wildcards.method], settings.device)


def sizes_of(wildcards):
    """Sizes of the scenes of a job's data set (None where they are not known yet)."""
    return claims.sizes(RESULTS, wildcards.dataset)


def budget_of(wildcards):
    """Largest forecast, in seconds, of one method on a job's data set (0 = no limit, as for what is no method of the run)."""
    if wildcards.method not in settings.entries:
        return 0
    return settings.budget.get(wildcards.dataset) or 0
