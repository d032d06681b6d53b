# A data set that is aligned is described by a rule of its own: the jobs of the others stay as they are.
if settings.align:

    rule fetch_aligned:
        """Fetch a data set, align the images of every scene and look at them once."""
        output:
            "results/sources/{dataset,%s}.json" % "|".join(settings.align),
        log:
            "logs/fetch/{dataset}_aligned.log",
        params:
            folder=folder_of,
            align=lambda wildcards: settings.align[wildcards.dataset],
        script:
            "../scripts/fetch_aligned.py"

    ruleorder: fetch_aligned > fetch_first
    ruleorder: fetch_aligned > fetch
