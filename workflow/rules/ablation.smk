ABLATED = settings.ablation["datasets"]


rule ablation_table:
    """The network without one design choice at a time, on every data set of the ablation."""
    input:
        sources=expand("results/sources/{dataset}.json", dataset=ABLATED),
        scores=expand(
            "results/scores/{dataset}/{method}.csv", dataset=ABLATED, method=ABLATION
        ),
        runs=[training.record(name) for name in ablation.runs(settings.ablation)],
    output:
        csv=report(
            "results/tables/ablation.csv",
            category="Tables",
            subcategory="ablation",
            caption="../report/ablation.rst",
        ),
        markdown="results/tables/ablation.md",
        latex="results/tables/ablation.tex",
    log:
        "logs/tables/ablation.log",
    params:
        entries=[vars(entry) for entry in ABLATION.values()],
    script:
        "../scripts/ablation.py"


rule ablation_figure:
    """What every design choice is worth."""
    input:
        sources=expand("results/sources/{dataset}.json", dataset=ABLATED),
        table="results/tables/ablation.csv",
    output:
        png=report(
            "results/figures/ablation.png",
            category="Figures",
            subcategory="ablation",
            caption="../report/ablation.rst",
        ),
        pdf="results/figures/ablation.pdf",
    log:
        "logs/figures/ablation.log",
    script:
        "../scripts/ablation_figure.py"


rule ablation:
    """Train, fuse and score the network without one design choice at a time."""
    input:
        "results/tables/ablation.md",
        "results/figures/ablation.png",
