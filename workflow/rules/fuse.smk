rule fuse_set:
    """Fuse all scenes of a data set with one method."""
    input:
        sources="results/sources/{dataset}.json",
        weights=weights_of,
    output:
        "results/fused/{dataset}/{method}.csv",
    log:
        "logs/fuse/{dataset}/{method}.log",
    params:
        entry=entry_of,
        code=code_of,
        folder=folder_of,
        budget=budget_of,
        device=settings.device,
    threads: 1
    resources:
        gpu=gpu_of,
    script:
        "../scripts/fuse_set.py"


use rule fuse_set as fuse_set_first with:
    output:
        "results/fused/{dataset,embedded}/{method}.csv",
    priority: FIRST


ruleorder: fuse_set_first > fuse_set


rule fuse:
    """Only the fused images."""
    input:
        expand("results/fused/{dataset}/{method}.csv", dataset=DATASETS, method=METHODS),
