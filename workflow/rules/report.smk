def further_made(wildcards):
    """Tables and figures of targets that take long, and of programs, once they exist, with their checksums.

    No inputs: as such Snakemake would measure and train again after a change of the network's code.
    """
    made = [*rules.stacks.input, *rules.ablation.input]
    made += [
        RESULTS.table(f"{name}.csv") for name in ("held_out", "fidelity", "metric_calibration", "real_calibration")
    ]
    return {path: records.sha256(path) for path in made if Path(path).is_file()}


rule report:
    """HTML files with findings, tables, figures and a viewer, which open without network: one of all, one per data set."""
    input:
        sources=expand(RESULTS.sources("{dataset}"), dataset=DATASETS),
        fused=of_all(RESULTS.fused),
        about=expand(RESULTS.table("about.json", "{dataset}"), dataset=DATASETS),
        scores=expand(RESULTS.table("scores.csv", "{dataset}"), dataset=DATASETS),
        # What these targets gain the report gains.
        tables=rules.tables.input,
        timing=rules.timing.input,
        figures=lambda wildcards: FIGURES,
    output:
        whole=RESULTS.page("report.html"),
        sets=expand(RESULTS.page("reports/{dataset}.html"), dataset=DATASETS),
    log:
        "logs/report.log",
    params:
        code=code_of("report"),
        config=settings.raw,
        further=further_made,
    script:
        "../scripts/report.py"
