wildcard_constraints:
    stack="[a-z0-9_]+",


rule time_stacks:
    """Time both strategies of GACN on one stack, alone on the machine."""
    input:
        sources="results/sources/{stack}.json",
    output:
        timing="results/stacks/{stack}_timing.csv",
        breakdown="results/stacks/{stack}_breakdown.csv",
    log:
        "logs/stacks/{stack}_timing.log",
    threads: workflow.cores
    resources:
        gpu=1,
    params:
        entries=[vars(ENTRIES[name]) for name in STRATEGIES],
        code=methods.registry.source_hash("gacn"),
        folder=lambda wildcards: settings.folders.get(wildcards.stack, ""),
        device=settings.device,
        counts=lambda wildcards: settings.stacks["timing"][wildcards.stack],
        repeats=settings.stacks["repeats"],
        seconds=settings.stacks["seconds"],
        measured_threads=settings.timing["threads"],
    script:
        "../scripts/time_stacks.py"


rule stack_time_table:
    """Time, saving and memory per number of images."""
    input:
        sources=expand("results/sources/{stack}.json", stack=settings.stacks["timing"]),
        timing=expand(
            "results/stacks/{stack}_timing.csv", stack=settings.stacks["timing"]
        ),
        breakdown=expand(
            "results/stacks/{stack}_breakdown.csv", stack=settings.stacks["timing"]
        ),
    output:
        csv=report(
            "results/tables/gacn_stacks.csv",
            category="Stacks",
            caption="../report/stack_times.rst",
        ),
        markdown="results/tables/gacn_stacks.md",
        breakdown="results/tables/gacn_stacks_breakdown.csv",
    log:
        "logs/stacks/time_table.log",
    script:
        "../scripts/stack_time_table.py"


rule stack_time_figure:
    """Time and memory against the number of images."""
    input:
        sources=expand("results/sources/{stack}.json", stack=settings.stacks["timing"]),
        csv="results/tables/gacn_stacks.csv",
    output:
        png=report(
            "results/figures/gacn_stacks.png",
            category="Stacks",
            caption="../report/stack_times.rst",
        ),
        pdf="results/figures/gacn_stacks.pdf",
    log:
        "logs/stacks/time_figure.log",
    script:
        "../scripts/stack_time_figure.py"


rule stack_quality:
    """Metrics of both strategies on stacks."""
    input:
        sources=expand("results/sources/{stack}.json", stack=settings.stacks["quality"]),
        scores=expand(
            "results/scores/{stack}/{method}.csv",
            stack=settings.stacks["quality"],
            method=STRATEGIES,
        ),
    output:
        csv=report(
            "results/tables/stack_quality.csv",
            category="Stacks",
            caption="../report/stack_quality.rst",
        ),
        markdown="results/tables/stack_quality.md",
    log:
        "logs/stacks/quality.log",
    params:
        folders=settings.folders,
        strategies=STRATEGIES,
    script:
        "../scripts/stack_quality.py"


rule stack_view:
    """Images, index maps and result of one stack."""
    input:
        sources="results/sources/{stack}.json",
        statuses=shown_strategies,
    output:
        png=report(
            "results/figures/gacn_stack_{stack}.png",
            category="Stacks",
            caption="../report/stack_view.rst",
        ),
        pdf="results/figures/gacn_stack_{stack}.pdf",
    log:
        "logs/stacks/{stack}_view.log",
    params:
        folder=lambda wildcards: settings.folders.get(wildcards.stack, ""),
    script:
        "../scripts/stack_view.py"


rule stack_alignment:
    """Fuse some images of a stack as they are and aligned."""
    input:
        sources="results/sources/{stack}.json",
    output:
        about="results/stacks/{stack}_alignment/about.json",
    log:
        "logs/stacks/{stack}_alignment.log",
    resources:
        gpu=int(settings.device != "cpu" and shutil.which("nvidia-smi") is not None),
    params:
        entry=vars(ENTRIES[stacks.CALIBRATED]),
        code=methods.registry.source_hash("gacn"),
        folder=lambda wildcards: settings.folders.get(wildcards.stack, ""),
        model=lambda wildcards: settings.align.get(wildcards.stack, "similarity"),
        device=settings.device,
    script:
        "../scripts/stack_alignment.py"


rule stack_alignment_figure:
    """A stack fused as it is and aligned."""
    input:
        about="results/stacks/{stack}_alignment/about.json",
    output:
        png=report(
            "results/figures/gacn_alignment_{stack}.png",
            category="Stacks",
            caption="../report/stack_alignment.rst",
        ),
        pdf="results/figures/gacn_alignment_{stack}.pdf",
    log:
        "logs/stacks/{stack}_alignment_figure.log",
    script:
        "../scripts/stack_alignment_figure.py"


# Stacks whose images are known to be displaced against each other.
DISPLACED = [
    stack
    for stack in settings.stacks["figures"]
    if stack not in settings.folders and not scenes.load(stack).aligned
]


rule stacks:
    """GACN on stacks: time and quality of both strategies, tables and figures."""
    input:
        "results/tables/gacn_stacks.md",
        "results/figures/gacn_stacks.png",
        "results/tables/stack_quality.md",
        expand(
            "results/figures/gacn_stack_{stack}.png", stack=settings.stacks["figures"]
        ),
        expand("results/figures/gacn_alignment_{stack}.png", stack=DISPLACED),
