ABLATED = settings.ablation["datasets"]
VARIANTS = list(gacn.ablation_entries(settings.ablation))


rule ablation_table:
    """The network without one design choice at a time, on every data set of the ablation."""
    input:
        scores=expand(RESULTS.scores("{dataset}", "{method}"), dataset=ABLATED, method=VARIANTS),
        records=[RESULTS.training(run) for run in gacn.ablation_runs(settings.ablation)],
    output:
        multiext(RESULTS.table("ablation"), ".csv", ".md", ".tex"),
    log:
        "logs/tables/ablation.log",
    params:
        code=code_of("ablation_table"),
        ablation=settings.ablation,
    script:
        "../scripts/ablation_table.py"


rule ablation:
    """Train, fuse and score the network without one design choice at a time."""
    input:
        RESULTS.table("ablation.md"),
        RESULTS.figure("ablation.png"),
