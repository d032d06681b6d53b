"""Rule stack_view: see `study.gacn.stack_view`."""

from study.job import Job, run


def stack_view(job: Job) -> None:
    """Draw the figure."""
    from study.gacn import stack_view
    from study.store import Results

    results = Results()
    stack_view.draw(results, results.read_sources(job.wildcards.dataset), job.params.strategies, job.output)


if __name__ == "__main__":
    run(stack_view, globals().get("snakemake"))
