"""Rule training_figure: see `study.gacn.training_figure`."""

from study.job import Job, run


def training_figure(job: Job) -> None:
    """Draw the figure."""
    from study.gacn import entries, training_figure
    from study.gacn.train_network import epochs
    from study.store import Results

    ended = entries.stored(job.params.run)
    rows = epochs(Results().training(ended.name, "log.csv"))
    # A run that did not end well may have finished some epochs, but they are not its result.
    training_figure.draw(ended.name, rows if ended.status == "ok" else rows[:0], job.output, ended.reason)


if __name__ == "__main__":
    run(training_figure, globals().get("snakemake"))
