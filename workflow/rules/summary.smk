localrules:
    summary,


rule summary:
    """Say what ran, what did not and why; `onsuccess` ends the run with an error when anything failed."""
    input:
        sources=expand(RESULTS.sources("{dataset}"), dataset=DATASETS),
        fused=of_all(RESULTS.fused),
        scores=of_all(RESULTS.scores),
        tidy=expand(RESULTS.table("scores.csv", "{dataset}"), dataset=DATASETS),
        tables=TABLES,
        figures=FIGURES,
    output:
        text=RESULTS.page("summary.md"),
        manifest=RESULTS.page("run.json"),
    log:
        "logs/summary.log",
    params:
        code=code_of("summary", "study/run/summary.md.j2"),
        config=settings.raw,
    script:
        "../scripts/summary.py"
