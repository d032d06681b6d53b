def further_made(wildcards):
    """Tables and figures of targets that take long, and of programs, once they exist, with their checksums.

    No inputs: as such Snakemake would measure and train again after a change of the network's code.
    """
    made = [*rules.stacks.input, *rules.ablation.input]
    made += [RESULTS.table(f"{name}.csv") for name in ("held_out", "fidelity", "metric_calibration")]
    return {path: records.sha256(path) for path in made if Path(path).is_file()}


rule report:
    """One HTML file with findings, tables, figures and a viewer, which opens without network."""
    input:
        sources=expand(RESULTS.sources("{dataset}"), dataset=DATASETS),
        fused=expand(RESULTS.fused("{dataset}", "{method}"), dataset=DATASETS, method=METHODS),
        about=expand(RESULTS.table("about.json", "{dataset}"), dataset=DATASETS),
        scores=expand(RESULTS.table("scores.csv", "{dataset}"), dataset=DATASETS),
        # What these targets gain the report gains.
        tables=rules.tables.input,
        timing=rules.timing.input,
        figures=lambda wildcards: FIGURES,
    output:
        RESULTS.page("report.html"),
    log:
        "logs/report.log",
    params:
        code=code_of("report"),
        config=settings.raw,
        further=further_made,
    script:
        "../scripts/report.py"
