rule report:
    """One HTML file with findings, tables, figures and a viewer, which opens without network."""
    input:
        sources=expand("results/sources/{dataset}.json", dataset=DATASETS),
        statuses=expand(
            "results/fused/{dataset}/{method}.csv", dataset=DATASETS, method=METHODS
        ),
        # What these targets gain the report gains.
        tables=rules.tables.input,
        timing=rules.timing.input,
        figures=rules.figures.input,
    output:
        "results/report.html",
    log:
        "logs/report.log",
    params:
        config=settings.raw,
    script:
        "../scripts/report.py"
