"""Rule quality_time: see `study.figures.quality_time`."""

from study.job import Job, run


def quality_time(job: Job) -> None:
    """Draw the figure."""
    from study.figures import quality_time
    from study.store import Results, read_frame

    about = Results(job.params.root).read_about(job.wildcards.dataset)
    quality_time.draw(about, read_frame(job.input.means), read_frame(job.input.timing), job.output)


if __name__ == "__main__":
    run(quality_time, globals().get("snakemake"))
