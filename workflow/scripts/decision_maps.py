"""Rule decision_maps: see `study.figures.decision_maps`."""

from study.job import Job, run


def decision_maps(job: Job) -> None:
    """Draw the figure."""
    from study.entries import Entry
    from study.figures import decision_maps, stored
    from study.store import Results

    results = Results()
    dataset, name = job.params.scene
    entries = [Entry(**entry) for entry in job.params.entries]
    scene = stored.read(results, results.read_sources(dataset), name, entries)
    decision_maps.draw(scene, job.output)


if __name__ == "__main__":
    run(decision_maps, globals().get("snakemake"))
