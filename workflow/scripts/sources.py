"""Rule sources: see `study.run.sources`."""

from study.job import Job, run


def sources(job: Job) -> None:
    """Describe a data set."""
    from study.run import sources
    from study.store import Results

    params = job.params
    facts = sources.collect(job.wildcards.dataset, params.folder, params.align, params.attempt, params.wanted)
    Results().write_sources(facts)


if __name__ == "__main__":
    run(sources, globals().get("snakemake"))
