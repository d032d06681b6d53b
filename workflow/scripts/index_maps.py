"""Rule index_maps: see `study.figures.index_maps`."""

from study.job import Job, run


def index_maps(job: Job) -> None:
    """Draw the figure."""
    from study.entries import Entry
    from study.figures import index_maps
    from study.store import Results

    results = Results()
    dataset, name = job.params.scene
    entries = [Entry(**entry) for entry in job.params.entries]
    index_maps.draw(results, results.read_sources(dataset), name, entries, job.output)


if __name__ == "__main__":
    run(index_maps, globals().get("snakemake"))
