rule summary:
    """Say what ran, what did not and why; fail when anything failed."""
    input:
        sources=expand("results/sources/{dataset}.json", dataset=DATASETS),
        statuses=expand("results/fused/{dataset}/{method}.csv", dataset=DATASETS, method=METHODS),
        tables=TABLES,
        figures=FIGURES,
    output:
        "results/summary.md",
        manifest="results/run.json",
    log:
        "logs/summary.log",
    params:
        config=settings.raw,
        command=command_line(sys.argv),
    script:
        "../scripts/summary.py"
