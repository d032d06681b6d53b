"""Rule stack_quality_time: see `study.figures.stack_quality_time`."""

from study.job import Job, run


def stack_quality_time(job: Job) -> None:
    """Draw the figure."""
    from study.figures import stack_quality_time
    from study.store import POOLED, Results
    from study.tables import stacks_table

    results = Results(job.params.root)
    highlighted = results.read_about(POOLED).names_highlighted
    stack_quality_time.draw(stacks_table.read(results), highlighted, job.output)


if __name__ == "__main__":
    run(stack_quality_time, globals().get("snakemake"))
