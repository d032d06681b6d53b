"""Rule stack_time_figure: see `study.gacn.stack_time_figure`."""

from study.job import Job, run


def stack_time_figure(job: Job) -> None:
    """Draw the figure."""
    from study.gacn import stack_time_figure, stack_time_table
    from study.store import Results

    stack_time_figure.draw(stack_time_table.read(Results(job.params.root)), job.output)


if __name__ == "__main__":
    run(stack_time_figure, globals().get("snakemake"))
