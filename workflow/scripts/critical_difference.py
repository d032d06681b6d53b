"""Rule critical_difference: see `study.figures.critical_difference`."""

from study.job import Job, run


def critical_difference(job: Job) -> None:
    """Draw the figure."""
    from study.figures import critical_difference
    from study.store import Results, read_frame

    about = Results(job.params.root).read_about(job.wildcards.dataset)
    critical_difference.draw(about, read_frame(job.input.comparisons), read_frame(job.input.friedman), job.output)


if __name__ == "__main__":
    run(critical_difference, globals().get("snakemake"))
