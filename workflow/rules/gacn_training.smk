import functools

from study.entries import Entry
from study.run import retry

TRAINING, TRAINING_RECIPE = gacn.configured(settings.training)
#: Training runs by name: the one that the configuration describes, and those of the ablation.
RUNS = {TRAINING: TRAINING_RECIPE} | gacn.ablation_runs(settings.ablation)


@functools.cache
def attempt_at(run):
    """Tries again what left no parameters.

    Snakemake asks for it again after it removed the record, which the answer is read from: the first one holds.
    """
    ended = gacn.stored(run)
    return retry.attempt(None if ended is None else vars(ended))


rule train_network:
    """Train a network, or continue where a killed run stopped (its checkpoint is in the folder of the run)."""
    output:
        RESULTS.training("{run}"),
    log:
        "logs/training/{run}.log",
    wildcard_constraints:
        run="|".join(RUNS),
    threads: ALL_CORES
    # A training that runs out of time goes on from its checkpoint.
    resources:
        gpu=claims.gpus(Entry("gacn", "gacn", "GACN"), settings.device),
    # No identity of code: a change of the program does not train again what took hours; another name does.
    params:
        recipe=lambda wildcards: RUNS[wildcards.run].record(),
        device=settings.device,
        attempt=lambda wildcards: attempt_at(wildcards.run),
    script:
        "../scripts/train_network.py"


rule training_figure:
    """Losses and learning rate by epoch."""
    input:
        record=RESULTS.training(TRAINING),
    output:
        multiext(RESULTS.figure("training"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/training.log",
    # The log of the epochs lies in the folder of the run, which is no output: Snakemake would delete it with its checkpoint.
    params:
        code=code_of("training_figure"),
        run=TRAINING,
    script:
        "../scripts/training_figure.py"


rule train:
    """Train as the configuration says."""
    input:
        record=RESULTS.training(TRAINING),
        figure=RESULTS.figure("training.png"),
    log:
        "logs/training.log",
    params:
        run=TRAINING,
    script:
        "../scripts/train.py"


if settings.train:
    FIGURES += [RESULTS.figure("training.png")]
