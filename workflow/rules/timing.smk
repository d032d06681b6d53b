from study import records
from study.run import retry

# Images that authors published take no time here.
TIMED_METHODS = {name: entry for name, entry in settings.entries.items() if not entry.is_published}


localrules:
    times,


@retry.asked_once
def attempt_at_timing(wildcards):
    """Times again what failed."""
    rows = records.read_csv(RESULTS.timing(wildcards.dataset, wildcards.method))
    failed = any(row["status"] == "failed" for row in rows)
    return retry.attempt(rows[0], failed) if rows else 1


def timing_minutes(wildcards, attempt):
    """Minutes of a timing job: every scene once to warm up, and for every repeat."""
    timed = sizes_of(wildcards)
    repeated = timed and timed[: settings.timing["scenes"]] * (settings.timing["repeats"] + 1)
    return attempt * claims.fusion_minutes(ENTRIES[wildcards.method], repeated)


rule time_set:
    """Time one method on one data set, alone among the jobs of the run."""
    input:
        sources=RESULTS.sources("{dataset}"),
        weights=weights_of,
    output:
        RESULTS.timing("{dataset}", "{method}"),
    log:
        "logs/timing/{dataset}/{method}.log",
    threads: ALL_CORES
    resources:
        gpu=gpu_of,
        mem_mb=lambda wildcards, attempt: attempt * claims.fusion_memory(ENTRIES[wildcards.method], sizes_of(wildcards)),
        runtime=timing_minutes,
    params:
        entry=entry_of,
        code=method_code,
        named=named_files,
        budget=budget_of,
        device=settings.device,
        time_limit=settings.time_limit,
        attempt=attempt_at_timing,
        protocol={name: settings.timing[name] for name in ("scenes", "repeats", "threads", "seconds")},
    script:
        "../scripts/time_set.py"


rule times:
    """Median, spread and memory of all methods on one data set."""
    input:
        [RESULTS.timing("{dataset}", method) for method in TIMED_METHODS],
    output:
        RESULTS.table("timing.csv", "{dataset}"),
    log:
        "logs/timing/{dataset}.log",
    params:
        code=code_of("times"),
        labels={name: entry.label for name, entry in TIMED_METHODS.items()},
    script:
        "../scripts/times.py"


rule timing:
    """Only the timing tables."""
    input:
        expand(RESULTS.table("timing.md", "{dataset}"), dataset=TIMED),
