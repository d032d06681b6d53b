from dataclasses import asdict

TRAINING, TRAINING_RECIPE = training.configured(settings.training)
RUNS = {TRAINING: TRAINING_RECIPE} | ablation.runs(settings.ablation)

training.forget_failures(RUNS)


rule train_network:
    """Train a network, or continue where a killed run stopped (its checkpoint is in the folder of the run)."""
    output:
        "results/training/{run}.json",
    log:
        "logs/training/{run}.log",
    wildcard_constraints:
        run="|".join(RUNS),
    threads: workflow.cores
    resources:
        gpu=1,
    params:
        recipe=lambda wildcards: asdict(RUNS[wildcards.run]),
        device=settings.device,
    script:
        "../scripts/train_network.py"


rule training_figure:
    """Losses and learning rate by epoch."""
    input:
        training.record(TRAINING),
    output:
        png=report(
            "results/figures/training.png",
            category="Figures",
            subcategory="training",
            caption="../report/training.rst",
        ),
        pdf="results/figures/training.pdf",
    log:
        "logs/figures/training.log",
    script:
        "../scripts/training_figure.py"


rule train:
    """Train as the configuration says."""
    input:
        record=training.record(TRAINING),
        figure="results/figures/training.png",
    log:
        "logs/training.log",
    script:
        "../scripts/trained.py"
