def made_by_hand(wildcards):
    """Tables and figures of the targets that take long, once they exist: the report does not make them."""
    made = [*rules.stacks.input, *rules.ablation.input]
    return [path for path in made if isinstance(path, str) and Path(path).is_file()]


rule report:
    """One HTML file with findings, tables, figures and a viewer, which opens without network."""
    input:
        sources=expand(RESULTS.sources("{dataset}"), dataset=DATASETS),
        fused=expand(
            RESULTS.fused("{dataset}", "{method}"), dataset=DATASETS, method=METHODS
        ),
        about=expand(RESULTS.table("about.json", "{dataset}"), dataset=DATASETS),
        scores=expand(RESULTS.table("scores.csv", "{dataset}"), dataset=DATASETS),
        # What these targets gain the report gains.
        tables=rules.tables.input,
        timing=rules.timing.input,
        figures=rules.figures.input,
        further=made_by_hand,
    output:
        RESULTS.page("report.html"),
    log:
        "logs/report.log",
    params:
        code=code_of("report"),
        config=settings.raw,
    script:
        "../scripts/report.py"
