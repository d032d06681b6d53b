"""Rule crops: see `study.figures.crops`."""

from study.job import Job, run


def crops(job: Job) -> None:
    """Draw the figure."""
    from study.entries import Entry
    from study.figures import crops, stored
    from study.store import Results

    results = Results()
    dataset, name = job.params.scene
    entries = [Entry(**entry) for entry in job.params.entries]
    scene = stored.read(results, results.read_sources(dataset), name, entries)
    crops.draw(scene, job.output, job.params.window)


if __name__ == "__main__":
    run(crops, globals().get("snakemake"))
