"""Rule curves: see `study.figures.curves`."""

from study.job import Job, run


def curves(job: Job) -> None:
    """Draw the figure."""
    from study.figures import curves
    from study.store import Results

    results, dataset = Results(job.params.root), job.wildcards.dataset
    curves.draw(results.read_about(dataset), results.read_tidy(dataset), job.output)


if __name__ == "__main__":
    run(curves, globals().get("snakemake"))
