rule score_set:
    """Score the fused images of one method on one data set."""
    input:
        sources="results/sources/{dataset}.json",
        statuses="results/fused/{dataset}/{method}.csv",
    output:
        "results/scores/{dataset}/{method}.csv",
    log:
        "logs/score/{dataset}/{method}.log",
    benchmark:
        "results/durations/score/{dataset}/{method}.tsv"
    params:
        metrics={name: metrics.registry.source_hash(name) for name in settings.metrics},
        folder=folder_of,
    threads: 1
    script:
        "../scripts/score_set.py"


use rule score_set as score_set_first with:
    output:
        "results/scores/{dataset,embedded}/{method}.csv",
    priority: FIRST


ruleorder: score_set_first > score_set


rule score:
    """Only the scores."""
    input:
        expand("results/scores/{dataset}/{method}.csv", dataset=DATASETS, method=METHODS),
