"""Rule quality_year: see `study.figures.quality_year`."""

from study.job import Job, run


def quality_year(job: Job) -> None:
    """Draw the figure."""
    from study.figures import quality_year
    from study.store import Results, read_frame

    about = Results(job.params.root).read_about(job.wildcards.dataset)
    quality_year.draw(about, read_frame(job.input.means), job.output)


if __name__ == "__main__":
    run(quality_year, globals().get("snakemake"))
