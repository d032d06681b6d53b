# All that is about GACN alone. Figures that are made of tables or of the code can be made of kept tables, too.
HAS_GACN = any(entry.method == "gacn" for entry in settings.entries.values())


rule network_diagram:
    """The network as a diagram, from its own module."""
    output:
        multiext(RESULTS.figure("network"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/network.log",
    params:
        code=code_of("network_diagram"),
    script:
        "../scripts/network_diagram.py"


rule ablation_figure:
    """What every design choice of the network is worth."""
    input:
        RESULTS.table("ablation.csv"),
    output:
        multiext(RESULTS.figure("ablation"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/ablation.log",
    params:
        code=code_of("ablation_figure"),
        root=RESULTS.root,
    script:
        "../scripts/ablation_figure.py"


rule stack_time_figure:
    """Time and memory against the number of images."""
    input:
        RESULTS.table("gacn_stacks.csv"),
    output:
        multiext(RESULTS.figure("gacn_stacks"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/gacn_stacks.log",
    params:
        code=code_of("stack_time_figure"),
        root=RESULTS.root,
    script:
        "../scripts/stack_time_figure.py"


if HAS_GACN:
    FIGURES += [RESULTS.figure("network.png")]

if settings.kept:
    kept = [name for name in ("ablation", "gacn_stacks") if Path(RESULTS.table(f"{name}.csv")).is_file()]
    FIGURES += expand(RESULTS.figure("{name}.png"), name=kept)
else:

    include: "gacn_training.smk"
    include: "gacn_ablation.smk"
    include: "gacn_stacks.smk"
