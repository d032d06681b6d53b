rule fuse_set:
    """Fuse all scenes of a data set with one method."""
    input:
        sources="results/sources/{dataset}.json",
        weights=ancient("results/sources/weights.txt"),
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


rule fuse:
    """Only the fused images."""
    input:
        expand("results/fused/{dataset}/{method}.csv", dataset=DATASETS, method=METHODS),
