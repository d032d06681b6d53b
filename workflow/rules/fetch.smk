rule fetch:
    """Fetch a data set and look at every scene once."""
    input:
        ancient(after_embedded),
    output:
        "results/sources/{dataset}.json",
    log:
        "logs/fetch/{dataset}.log",
    params:
        folder=folder_of,
    script:
        "../scripts/fetch.py"


rule weights:
    """Fetch the weight files that the chosen methods declare."""
    output:
        "results/sources/weights.txt",
    log:
        "logs/fetch/weights.log",
    params:
        files=sorted({key for entry in settings.entries.values() for key in entry.declared.files}),
    script:
        "../scripts/weights.py"
