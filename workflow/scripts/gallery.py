"""Rule gallery: see `study.figures.gallery`."""

from study.job import Job, run


def gallery(job: Job) -> None:
    """Draw the figure."""
    from study.entries import Entry
    from study.figures import gallery, stored
    from study.store import Results

    results = Results()
    dataset, name = job.params.scene
    entries = [Entry(**entry) for entry in job.params.entries]
    scene = stored.read(results, results.read_sources(dataset), name, entries)
    gallery.draw(scene, job.output, job.params.window)


if __name__ == "__main__":
    run(gallery, globals().get("snakemake"))
