rule table:
    """The tables of one data set."""
    input:
        sources="results/sources/{dataset}.json",
        scores=expand("results/scores/{{dataset}}/{method}.csv", method=METHODS),
    output:
        tidy="results/tables/{dataset}/scores.csv",
        wide=report(
            "results/tables/{dataset}/means.csv",
            category="Tables",
            subcategory="{dataset}",
            caption="../report/table.rst",
        ),
        markdown="results/tables/{dataset}/table.md",
        latex="results/tables/{dataset}/table.tex",
    log:
        "logs/tables/{dataset}.log",
    params:
        entries=[vars(entry) for entry in settings.entries.values()],
        metrics=list(settings.metrics),
    script:
        "../scripts/table.py"


use rule table as table_first with:
    output:
        tidy="results/tables/{dataset,embedded}/scores.csv",
        wide=report(
            "results/tables/{dataset,embedded}/means.csv",
            category="Tables",
            subcategory="{dataset}",
            caption="../report/table.rst",
        ),
        markdown="results/tables/{dataset,embedded}/table.md",
        latex="results/tables/{dataset,embedded}/table.tex",
    priority: FIRST


ruleorder: table_first > table


rule tables:
    """Only the tables."""
    input:
        expand("results/tables/{dataset}/table.md", dataset=DATASETS),
