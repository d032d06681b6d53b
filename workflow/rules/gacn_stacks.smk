from types import SimpleNamespace

TIMED_STACKS = list(settings.stacks["timing"])
COMPARED_STACKS = settings.stacks["quality"]
SHOWN_STACKS = settings.stacks["figures"]
# Stacks whose images are known to be displaced against each other.
DISPLACED_STACKS = [name for name in SHOWN_STACKS if name not in settings.folders and not scenes.load(name).aligned]
STRATEGIES = {name: SimpleNamespace(method=name) for name in gacn.STRATEGY_ENTRIES}
# The strategy whose result the figures show.
DEFAULT_STRATEGY = STRATEGIES[gacn.strategy_entry(gacn.DEFAULT)]


def strategies_shown(wildcards):
    """Strategies whose maps the figure of a stack shows: the default, and all where they are fused for the quality table."""
    return list(STRATEGIES) if wildcards.dataset in COMPARED_STACKS else [DEFAULT_STRATEGY.method]


rule time_stacks:
    """Time the strategies of GACN on one stack, alone among the jobs of the run."""
    input:
        sources=RESULTS.sources("{dataset}"),
        weights=[path for strategy in STRATEGIES.values() for path in weights_of(strategy)],
    output:
        timing=RESULTS.stack_timing("{dataset}"),
        breakdown=RESULTS.stack_breakdown("{dataset}"),
    log:
        "logs/stacks/{dataset}_timing.log",
    threads: ALL_CORES
    resources:
        gpu=claims.gpus(ENTRIES[DEFAULT_STRATEGY.method], settings.device),
        mem_mb=lambda wildcards, attempt: attempt
        * max(claims.fusion_memory(ENTRIES[name], sizes_of(wildcards)) for name in STRATEGIES),
        runtime=lambda wildcards, attempt: attempt
        * (
            claims.LEAST_MINUTES
            + len(STRATEGIES) * claims.fusion_minutes(ENTRIES[DEFAULT_STRATEGY.method], sizes_of(wildcards))
        ),
    params:
        entries={name: entry_of(strategy) for name, strategy in STRATEGIES.items()},
        code=code_of("time_stacks"),
        methods=[method_code(strategy) for strategy in STRATEGIES.values()],
        named=[named_files(strategy) for strategy in STRATEGIES.values()],
        device=settings.device,
        protocol=lambda wildcards: {
            "counts": settings.stacks["timing"][wildcards.dataset],
            "repeats": settings.stacks["repeats"],
            "seconds": settings.stacks["seconds"],
            "threads": settings.timing["threads"],
        },
    script:
        "../scripts/time_stacks.py"


rule stack_time_table:
    """Time, saving and memory per number of images."""
    input:
        timing=expand(RESULTS.stack_timing("{dataset}"), dataset=TIMED_STACKS),
        breakdown=expand(RESULTS.stack_breakdown("{dataset}"), dataset=TIMED_STACKS),
    output:
        multiext(RESULTS.table("gacn_stacks"), ".csv", "_breakdown.csv", ".md"),
    log:
        "logs/tables/gacn_stacks.log",
    params:
        code=code_of("stack_time_table"),
        datasets=TIMED_STACKS,
    script:
        "../scripts/stack_time_table.py"


rule stack_quality:
    """Metrics of the strategies on stacks."""
    input:
        sources=expand(RESULTS.sources("{dataset}"), dataset=COMPARED_STACKS),
        fused=expand(
            RESULTS.fused("{dataset}", "{method}"),
            dataset=COMPARED_STACKS,
            method=STRATEGIES,
        ),
        scores=expand(
            RESULTS.scores("{dataset}", "{method}"),
            dataset=COMPARED_STACKS,
            method=STRATEGIES,
        ),
    output:
        multiext(RESULTS.table("stack_quality"), ".csv", ".md"),
    log:
        "logs/tables/stack_quality.log",
    params:
        code=code_of("stack_quality"),
        datasets=COMPARED_STACKS,
    script:
        "../scripts/stack_quality.py"


rule stack_view:
    """Images, index maps and result of one stack."""
    input:
        sources=RESULTS.sources("{dataset}"),
        fused=lambda wildcards: expand(
            RESULTS.fused("{dataset}", "{method}"),
            dataset=wildcards.dataset,
            method=strategies_shown(wildcards),
        ),
    output:
        multiext(RESULTS.figure("gacn_stack_{dataset}"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/gacn_stack_{dataset}.log",
    params:
        code=code_of("stack_view"),
        strategies=strategies_shown,
    script:
        "../scripts/stack_view.py"


rule stack_alignment:
    """Fuse some images of a stack as they are and aligned."""
    input:
        sources=RESULTS.sources("{dataset}"),
        weights=weights_of(DEFAULT_STRATEGY),
    output:
        RESULTS.stack_alignment("{dataset}"),
    log:
        "logs/stacks/{dataset}_alignment.log",
    resources:
        gpu=gpu_of(DEFAULT_STRATEGY),
    params:
        entry=entry_of(DEFAULT_STRATEGY),
        code=code_of("stack_alignment"),
        method=method_code(DEFAULT_STRATEGY),
        named=named_files(DEFAULT_STRATEGY),
        model=lambda wildcards: settings.align.get(wildcards.dataset, "similarity"),
        device=settings.device,
    script:
        "../scripts/stack_alignment.py"


rule stack_alignment_figure:
    """A stack fused as it is and aligned."""
    input:
        RESULTS.stack_alignment("{dataset}"),
    output:
        multiext(RESULTS.figure("gacn_alignment_{dataset}"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/gacn_alignment_{dataset}.log",
    params:
        code=code_of("stack_alignment_figure"),
    script:
        "../scripts/stack_alignment_figure.py"


rule stacks:
    """GACN on stacks: time and quality of its strategies, tables and figures."""
    input:
        RESULTS.table("gacn_stacks.md"),
        RESULTS.figure("gacn_stacks.png"),
        RESULTS.table("stack_quality.md"),
        expand(RESULTS.figure("gacn_stack_{dataset}.png"), dataset=SHOWN_STACKS),
        expand(RESULTS.figure("gacn_alignment_{dataset}.png"), dataset=DISPLACED_STACKS),
