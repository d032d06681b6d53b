"""Say how a training ended."""

from files.errors import Unavailable
from study.gacn.entries import Training, parameters


def told(training: Training) -> str:
    """One line on a training that left parameters.

    Raises
    ------
    files.errors.Unavailable
        It left none.
    """
    if training.status != "ok":
        raise Unavailable(f"training {training.name} is {training.status}: {training.reason}")
    return (
        f"{parameters(training.name)}: validation loss {training.validation_total:.4f}, the lowest of {training.epochs} "
        f"epochs, in epoch {training.best_epoch}"
    )
