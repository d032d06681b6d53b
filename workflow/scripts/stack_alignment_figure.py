"""Rule stack_alignment_figure: see `study.gacn.stack_alignment_figure`."""

from study.job import Job, run


def stack_alignment_figure(job: Job) -> None:
    """Draw the figure."""
    from study.gacn import stack_alignment, stack_alignment_figure
    from study.store import Results

    results = Results()
    found = stack_alignment.read(results, job.wildcards.dataset)
    images = stack_alignment.fused_images(results, found.dataset) if found.status == "ok" else (None, None)
    stack_alignment_figure.draw(found, *images, job.output)


if __name__ == "__main__":
    run(stack_alignment_figure, globals().get("snakemake"))
