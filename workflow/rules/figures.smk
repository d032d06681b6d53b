from study.tables.statistics_table import LEAST_SCENES


rule boxes:
    """Box plots of the metrics of one data set."""
    input:
        about=RESULTS.table("about.json", "{dataset}"),
        scores=RESULTS.table("scores.csv", "{dataset}"),
    output:
        multiext(RESULTS.figure("boxes", "{dataset}"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/{dataset}_boxes.log",
    priority: first
    params:
        code=code_of("boxes"),
        root=RESULTS.root,
    script:
        "../scripts/boxes.py"


rule scene_ranks:
    """Rank of every method in every scene of one data set."""
    input:
        about=RESULTS.table("about.json", "{dataset}"),
        scores=RESULTS.table("scores.csv", "{dataset}"),
    output:
        multiext(RESULTS.figure("scene_ranks", "{dataset}"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/{dataset}_scene_ranks.log",
    priority: first
    params:
        code=code_of("scene_ranks"),
        root=RESULTS.root,
    script:
        "../scripts/scene_ranks.py"


rule quality_time:
    """Quality against time on one data set."""
    input:
        about=RESULTS.table("about.json", "{dataset}"),
        means=RESULTS.table("means.csv", "{dataset}"),
        timing=RESULTS.table("timing.csv", "{dataset}"),
    output:
        multiext(RESULTS.figure("quality_time", "{dataset}"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/{dataset}_quality_time.log",
    priority: first
    params:
        code=code_of("quality_time"),
        root=RESULTS.root,
    script:
        "../scripts/quality_time.py"


rule quality_year:
    """Quality against the year of publication, on one data set or on all."""
    input:
        about=RESULTS.table("about.json", "{dataset}"),
        means=RESULTS.table("means.csv", "{dataset}"),
    output:
        multiext(RESULTS.figure("quality_year", "{dataset}"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/{dataset}_quality_year.log",
    priority: first
    params:
        code=code_of("quality_year"),
        root=RESULTS.root,
    script:
        "../scripts/quality_year.py"


rule critical_difference:
    """Mean ranks on one data set, or on all, with Nemenyi's critical difference."""
    input:
        about=RESULTS.table("about.json", "{dataset}"),
        comparisons=RESULTS.table("statistics.csv", "{dataset}"),
        friedman=RESULTS.table("friedman.csv", "{dataset}"),
    output:
        multiext(RESULTS.figure("critical_difference", "{dataset}"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/{dataset}_critical_difference.log",
    priority: first
    params:
        code=code_of("critical_difference"),
        root=RESULTS.root,
    script:
        "../scripts/critical_difference.py"


rule metric_truth_figure:
    """The metrics against the truth, on the data sets that have one."""
    input:
        table=RESULTS.table("metric_truth.csv"),
    output:
        multiext(RESULTS.figure("metric_truth"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/metric_truth.log",
    params:
        code=code_of("metric_truth_figure"),
    script:
        "../scripts/metric_truth_figure.py"


rule stack_quality_time:
    """Quality against time on all stacks with truth."""
    input:
        about=RESULTS.table("about.json", POOLED),
        table=RESULTS.table("stacks.csv"),
    output:
        multiext(RESULTS.figure("stack_quality_time"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/stack_quality_time.log",
    params:
        code=code_of("stack_quality_time"),
        root=RESULTS.root,
    script:
        "../scripts/stack_quality_time.py"


rule stack_variants:
    """What disturbs the fusion of a stack, and what is lost with the number of images."""
    input:
        table=RESULTS.table("stacks.csv"),
    output:
        multiext(RESULTS.figure("stack_variants"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/stack_variants.log",
    params:
        code=code_of("stack_variants"),
        root=RESULTS.root,
    script:
        "../scripts/stack_variants.py"


FIGURES = expand(RESULTS.figure("boxes.png", "{dataset}"), dataset=DATASETS)
FIGURES += expand(RESULTS.figure("scene_ranks.png", "{dataset}"), dataset=shown.with_scenes(settings, 2))
FIGURES += expand(RESULTS.figure("quality_time.png", "{dataset}"), dataset=TIMED)
FIGURES += expand(RESULTS.figure("quality_year.png", "{dataset}"), dataset=[*DATASETS, POOLED])
# With fewer scenes no test can find a difference.
TESTED = shown.with_scenes(settings, LEAST_SCENES)
FIGURES += expand(
    RESULTS.figure("critical_difference.png", "{dataset}"), dataset=[*TESTED, *([POOLED] if TESTED else [])]
)
FIGURES += [RESULTS.figure(f"{name}.png") for name in ("metric_truth", "stack_quality_time", "stack_variants")]


# The others show images, which are not kept.
if settings.kept is None:

    include: "scenes_shown.smk"


rule figures:
    """Only the figures."""
    input:
        # A function, since rules that follow add figures to the list.
        lambda wildcards: FIGURES,
