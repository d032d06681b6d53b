TIMED = settings.timed


rule time_set:
    """Time one method on one data set, alone on the machine."""
    input:
        sources="results/sources/{dataset}.json",
        weights=weights_of,
    output:
        "results/timing/{dataset}/{method}.csv",
    log:
        "logs/timing/{dataset}/{method}.log",
    params:
        entry=entry_of,
        code=code_of,
        folder=folder_of,
        budget=budget_of,
        device=settings.device,
        timing=settings.timing,
    threads: workflow.cores
    resources:
        gpu=1,
    script:
        "../scripts/time_set.py"


rule timing_table:
    """The timing of all methods on one data set."""
    input:
        sources="results/sources/{dataset}.json",
        timing=expand("results/timing/{{dataset}}/{method}.csv", method=METHODS),
    output:
        csv=report(
            "results/tables/{dataset}/timing.csv",
            category="Tables",
            subcategory="{dataset}",
            caption="../report/timing.rst",
        ),
        markdown="results/tables/{dataset}/timing.md",
        latex="results/tables/{dataset}/timing.tex",
    log:
        "logs/timing/{dataset}.log",
    script:
        "../scripts/timing_table.py"


rule timing:
    """Only the timing tables."""
    input:
        expand("results/tables/{dataset}/timing.csv", dataset=TIMED),
