rule table:
    """The tables of one data set: the paper's, and the extended one."""
    input:
        sources="results/sources/{dataset}.json",
        scores=expand("results/scores/{{dataset}}/{method}.csv", method=METHODS),
    output:
        tidy="results/tables/{dataset}/scores.csv",
        about="results/tables/{dataset}/about.json",
        wide=report(
            "results/tables/{dataset}/means.csv",
            category="Tables",
            subcategory="{dataset}",
            caption="../report/table.rst",
        ),
        tables=multiext("results/tables/{dataset}/table", ".csv", ".md", ".tex"),
        extended=multiext("results/tables/{dataset}/extended", ".md", ".tex"),
    log:
        "logs/tables/{dataset}.log",
    params:
        entries=[vars(entry) for entry in settings.entries.values()],
        main=settings.main_entries,
        metrics=list(settings.metrics),
        folder=folder_of,
    script:
        "../scripts/table.py"


use rule table as table_first with:
    output:
        tidy="results/tables/{dataset,embedded}/scores.csv",
        about="results/tables/{dataset,embedded}/about.json",
        wide=report(
            "results/tables/{dataset,embedded}/means.csv",
            category="Tables",
            subcategory="{dataset}",
            caption="../report/table.rst",
        ),
        tables=multiext("results/tables/{dataset,embedded}/table", ".csv", ".md", ".tex"),
        extended=multiext("results/tables/{dataset,embedded}/extended", ".md", ".tex"),
    priority: FIRST


rule pooled:
    """The tables and tests of all data sets together."""
    input:
        about=expand("results/tables/{dataset}/about.json", dataset=DATASETS),
        scores=expand("results/tables/{dataset}/scores.csv", dataset=DATASETS),
    output:
        about="results/tables/pooled/about.json",
        wide="results/tables/pooled/means.csv",
        tables=multiext("results/tables/pooled/table", ".csv", ".md", ".tex"),
        extended=multiext("results/tables/pooled/extended", ".md", ".tex"),
        statistics=multiext("results/tables/pooled/statistics", ".csv", ".md", ".tex"),
        friedman="results/tables/pooled/friedman.csv",
    log:
        "logs/tables/pooled.log",
    script:
        "../scripts/pooled.py"


rule statistics:
    """Tests over the scenes of one data set: every method against GACN, and all together."""
    input:
        about="results/tables/{dataset}/about.json",
        scores="results/tables/{dataset}/scores.csv",
    output:
        csv=report(
            "results/tables/{dataset}/statistics.csv",
            category="Tables",
            subcategory="{dataset}",
            caption="../report/statistics.rst",
        ),
        texts=multiext("results/tables/{dataset}/statistics", ".md", ".tex"),
        friedman="results/tables/{dataset}/friedman.csv",
    log:
        "logs/tables/{dataset}_statistics.log",
    script:
        "../scripts/statistics.py"


ruleorder: table_first > pooled > table
ruleorder: pooled > statistics


rule metric_truth:
    """The metrics against the truth, on the data sets that have one."""
    input:
        about=expand("results/tables/{dataset}/about.json", dataset=DATASETS),
        scores=expand("results/tables/{dataset}/scores.csv", dataset=DATASETS),
    output:
        csv="results/tables/metric_truth.csv",
        texts=multiext("results/tables/metric_truth", ".md", ".tex"),
        png=report(
            "results/figures/metric_truth.png",
            category="Figures",
            subcategory="all data sets",
            caption="../report/metric_truth.rst",
        ),
        pdf="results/figures/metric_truth.pdf",
    log:
        "logs/tables/metric_truth.log",
    script:
        "../scripts/metric_truth.py"


# Made by targets stacks and ablation; told of in the findings once they exist. (As inputs they would be made anew, which takes long:
# the repository holds those of the reference run.)
MEASURED = [f"results/tables/{name}.csv" for name in ("gacn_stacks", "stack_quality", "ablation")]


rule findings:
    """What the numbers say, in words."""
    input:
        pooled="results/tables/pooled/about.json",
        tables=expand("results/tables/{dataset}/table.csv", dataset=[*DATASETS, "pooled"]),
        statistics=expand("results/tables/{dataset}/statistics.csv", dataset=[*DATASETS, "pooled"]),
        truth="results/tables/metric_truth.csv",
    output:
        "results/FINDINGS.md",
    log:
        "logs/tables/findings.log",
    params:
        measured={path: records.sha256(path) for path in MEASURED},
    script:
        "../scripts/findings.py"


TABLES = expand("results/tables/{dataset}/{name}", dataset=[*DATASETS, "pooled"], name=["table.md", "statistics.md"])
TABLES += expand("results/tables/{dataset}/timing.md", dataset=TIMED)
TABLES += ["results/tables/metric_truth.md", "results/FINDINGS.md"]


rule tables:
    """Only the tables, with the tests and the findings."""
    input:
        TABLES,
