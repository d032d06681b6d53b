"""Rule boxes: see `study.figures.boxes`."""

from study.job import Job, run


def boxes(job: Job) -> None:
    """Draw the figure."""
    from study.figures import boxes
    from study.store import Results

    results, dataset = Results(job.params.root), job.wildcards.dataset
    boxes.draw(results.read_about(dataset), results.read_tidy(dataset), job.output)


if __name__ == "__main__":
    run(boxes, globals().get("snakemake"))
