from study.run import fuse_set
from study.run.score_set import LOST


def weights_of(wildcards):
    """What a job waits for so that its method's files and images are fetched or trained: nothing where it has none."""
    entry = ENTRIES[wildcards.method]
    waits = [RESULTS.weights(entry.method)] if entry.declared.files else []
    waits += [RESULTS.published(wildcards.dataset, entry.method)] if entry.is_published else []
    trained = gacn.record_of(entry)
    if trained and (gacn.run_of(entry) in RUNS or Path(trained).is_file()):
        waits.append(trained)
    return waits


def named_files(wildcards):
    """Checksums of files that a method's options name; parameters that this workflow trains are an input instead."""
    entry = ENTRIES[wildcards.method]
    return [] if gacn.record_of(entry) else fuse_set.named_files(entry, getattr(wildcards, "dataset", ""))


@retry.asked_once
def attempt_at_fusion(wildcards):
    """Tries again what failed, and a method that could not run and can now; makes again an image that is gone."""
    rows = RESULTS.read_fused(wildcards.dataset, wildcards.method)
    facts = RESULTS.sources_if_any(wildcards.dataset)
    if not rows or facts is None:
        return 1
    states = {row.status for row in rows}
    runs_now = "unavailable" in states and not fuse_set.reason_not_to_run(
        ENTRIES[wildcards.method], facts, budget_of(wildcards) or None
    )
    scores = RESULTS.read_scores(wildcards.dataset, wildcards.method)
    lost = any(score.status == "failed" and LOST in score.reason for score in scores)
    images = (RESULTS.image(wildcards.dataset, wildcards.method, row.scene) for row in rows if row.status == "ok")
    gone = not all(map(Path.is_file, images))
    return retry.attempt({"attempt": rows[0].attempt}, "failed" in states or runs_now or lost or gone)


def method_code(wildcards):
    """Identity of what a job's method computes."""
    return methods.registry.identity(ENTRIES[wildcards.method].method, CODE)


rule fuse_set:
    """Fuse all scenes of a data set with one method."""
    input:
        sources=RESULTS.sources("{dataset}"),
        weights=weights_of,
    output:
        RESULTS.fused("{dataset}", "{method}"),
    log:
        "logs/fuse/{dataset}/{method}.log",
    priority: first
    threads: 1
    resources:
        gpu=gpu_of,
        mem_mb=lambda wildcards, attempt: attempt * claims.fusion_memory(ENTRIES[wildcards.method], sizes_of(wildcards)),
        runtime=lambda wildcards, attempt: attempt
        * claims.fusion_minutes(ENTRIES[wildcards.method], sizes_of(wildcards)),
    params:
        entry=entry_of,
        code=method_code,
        named=named_files,
        budget=budget_of,
        device=settings.device,
        time_limit=settings.time_limit,
        attempt=attempt_at_fusion,
    script:
        "../scripts/fuse_set.py"


rule fuse:
    """Only the fused images."""
    input:
        of_all(RESULTS.fused),
