from study import records
from study.run import retry


localrules:
    scores_table,


#: What the scores of a run are: metric -> identity of what it computes.
METRIC_CODE = {name: metrics.registry.identity(name, CODE) for name in settings.metrics}
#: Arrays that metrics keep of the sources are valid as long as no metric of the run changes.
ARRAY_CODE = CODE.of_all([(f"metrics.{name}", "*") for name in settings.metrics])


@retry.asked_once
def attempt_at_scores(wildcards):
    """Scores again what failed."""
    scores = RESULTS.read_scores(wildcards.dataset, wildcards.method)
    fused = {row.scene for row in RESULTS.read_fused(wildcards.dataset, wildcards.method) if row.status == "ok"}
    failed = any(score.status == "failed" and score.scene in fused for score in scores)
    return retry.attempt({"attempt": scores[0].attempt}, failed) if scores else 1


rule score_set:
    """Score the fused images of one method on one data set."""
    input:
        sources=RESULTS.sources("{dataset}"),
        fused=RESULTS.fused("{dataset}", "{method}"),
    output:
        RESULTS.scores("{dataset}", "{method}"),
    log:
        "logs/score/{dataset}/{method}.log",
    benchmark:
        RESULTS.scoring_seconds("{dataset}", "{method}")
    priority: first
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: attempt * claims.scoring_memory(sizes_of(wildcards)),
        runtime=lambda wildcards, attempt: attempt * claims.scoring_minutes(sizes_of(wildcards)),
    params:
        metrics=METRIC_CODE,
        arrays=ARRAY_CODE,
        attempt=attempt_at_scores,
    script:
        "../scripts/score_set.py"


rule scores_table:
    """The scores of all methods on one data set, and what else tables are made of."""
    input:
        sources=RESULTS.sources("{dataset}"),
        scores=of_one(RESULTS.scores),
    output:
        scores=RESULTS.table("scores.csv", "{dataset}"),
        about=RESULTS.table("about.json", "{dataset}"),
    log:
        "logs/tables/{dataset}_scores.log",
    wildcard_constraints:
        dataset="(?!pooled/)[a-z0-9_]+",
    priority: first
    params:
        code=code_of("scores_table"),
        entries=entries_of,
        main=settings.main_entries,
        metric_ids=list(settings.metrics),
        highlight=list(settings.highlight),
        # Labels, notes, digits and directions, which tables print.
        declared=lambda wildcards: records.key(
            [repr(entry.declared) for entry in settings.entries_on(wildcards.dataset).values()],
            [repr(metrics.registry.get(name)) for name in settings.metrics],
        ),
    script:
        "../scripts/scores_table.py"


rule score:
    """Only the scores."""
    input:
        of_all(RESULTS.scores),
