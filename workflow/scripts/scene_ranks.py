"""Rule scene_ranks: see `study.figures.scene_ranks`."""

from study.job import Job, run


def scene_ranks(job: Job) -> None:
    """Draw the figure."""
    from study.figures import scene_ranks
    from study.store import Results

    results, dataset = Results(job.params.root), job.wildcards.dataset
    scene_ranks.draw(results.read_about(dataset), results.read_tidy(dataset), job.output)


if __name__ == "__main__":
    run(scene_ranks, globals().get("snakemake"))
