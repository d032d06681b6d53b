rule fetch:
    """Fetch a data set and look at every scene once."""
    output:
        "results/sources/{dataset}.json",
    log:
        "logs/fetch/{dataset}.log",
    params:
        folder=folder_of,
    script:
        "../scripts/fetch.py"


use rule fetch as fetch_first with:
    output:
        "results/sources/{dataset,embedded}.json",
    priority: FIRST


ruleorder: fetch_first > fetch


rule weights:
    """Fetch the weight files that a method declares."""
    output:
        "results/sources/weights/{method}.txt",
    log:
        "logs/fetch/weights/{method}.log",
    params:
        files=files_of,
    priority: FIRST
    script:
        "../scripts/weights.py"
