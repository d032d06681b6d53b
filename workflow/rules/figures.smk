include: "comparison.smk"


rule figure:
    """Box plots of the metrics of one data set."""
    input:
        sources="results/sources/{dataset}.json",
        scores="results/tables/{dataset}/scores.csv",
    output:
        png=report(
            "results/figures/{dataset}/boxes.png",
            category="Figures",
            subcategory="{dataset}",
            caption="../report/boxes.rst",
        ),
        pdf="results/figures/{dataset}/boxes.pdf",
    log:
        "logs/figures/{dataset}_boxes.log",
    params:
        entries=[vars(entry) for entry in settings.entries.values()],
    script:
        "../scripts/figure.py"


use rule figure as figure_first with:
    output:
        png=report(
            "results/figures/{dataset,embedded}/boxes.png",
            category="Figures",
            subcategory="{dataset}",
            caption="../report/boxes.rst",
        ),
        pdf="results/figures/{dataset,embedded}/boxes.pdf",
    priority: FIRST


ruleorder: figure_first > figure


rule curves:
    """Every metric for every scene of one data set."""
    input:
        sources="results/sources/{dataset}.json",
        scores="results/tables/{dataset}/scores.csv",
    output:
        png=report(
            "results/figures/{dataset}/curves.png",
            category="Figures",
            subcategory="{dataset}",
            caption="../report/curves.rst",
        ),
        pdf="results/figures/{dataset}/curves.pdf",
    log:
        "logs/figures/{dataset}_curves.log",
    params:
        entries=[vars(entry) for entry in settings.entries.values()],
    script:
        "../scripts/curves.py"


rule quality_time:
    """Quality against time on one data set."""
    input:
        sources="results/sources/{dataset}.json",
        means="results/tables/{dataset}/means.csv",
        timing="results/tables/{dataset}/timing.csv",
    output:
        png=report(
            "results/figures/{dataset}/quality_time.png",
            category="Figures",
            subcategory="{dataset}",
            caption="../report/quality_time.rst",
        ),
        pdf="results/figures/{dataset}/quality_time.pdf",
    log:
        "logs/figures/{dataset}_quality_time.log",
    script:
        "../scripts/quality_time.py"


rule sheets:
    """One comparison sheet per scene of a data set."""
    input:
        sources="results/sources/{dataset}.json",
        statuses=expand("results/fused/{{dataset}}/{method}.csv", method=METHODS),
    output:
        "results/figures/{dataset}/sheets.txt",
    log:
        "logs/figures/{dataset}_sheets.log",
    params:
        entries=[vars(entry) for entry in settings.entries.values()],
        folder=folder_of,
    script:
        "../scripts/sheets.py"


use rule sheets as sheets_first with:
    output:
        "results/figures/{dataset,embedded}/sheets.txt",
    priority: FIRST


ruleorder: sheets_first > sheets


rule critical_difference:
    """Mean ranks on one data set, or on all, with Nemenyi's critical difference."""
    input:
        about="results/tables/{dataset}/about.json",
        comparisons="results/tables/{dataset}/statistics.csv",
        friedman="results/tables/{dataset}/friedman.csv",
    output:
        png=report(
            "results/figures/{dataset}/critical_difference.png",
            category="Figures",
            subcategory="{dataset}",
            caption="../report/critical_difference.rst",
        ),
        pdf="results/figures/{dataset}/critical_difference.pdf",
    log:
        "logs/figures/{dataset}_critical_difference.log",
    script:
        "../scripts/critical_difference.py"


rule network_diagram:
    """The network as a diagram, from its own module."""
    output:
        png=report(
            "results/figures/network.png",
            category="Figures",
            caption="../report/network.rst",
        ),
        pdf="results/figures/network.pdf",
    log:
        "logs/figures/network.log",
    params:
        code=methods.registry.source_hash("gacn"),
    script:
        "../scripts/network_diagram.py"


FIGURES = expand("results/figures/{dataset}/boxes.png", dataset=DATASETS)
FIGURES += expand("results/figures/{dataset}/critical_difference.png", dataset=[*DATASETS, "pooled"])
FIGURES += ["results/figures/metric_truth.png"]
FIGURES += expand("results/figures/{dataset}/quality_time.png", dataset=TIMED)
FIGURES += expand(
    "results/figures/{dataset}/curves.png", dataset=shown.of_several(settings)
)
FIGURES += COMPARISONS
if any(entry.method == "gacn" for entry in settings.entries.values()):
    FIGURES += ["results/figures/network.png"]
if settings.train:
    FIGURES += ["results/figures/training.png"]
if settings.figures["sheets"]:
    FIGURES += expand("results/figures/{dataset}/sheets.txt", dataset=DATASETS)


rule figures:
    """Only the figures."""
    input:
        FIGURES,
