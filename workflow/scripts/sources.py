"""Rule sources: see `study.run.sources`."""

from study.job import Job, run


def sources(job: Job) -> None:
    """Describe a data set."""
    from study.run import sources
    from study.store import Results

    facts = sources.collect(job.wildcards.dataset, job.params.folder, job.params.align, job.params.attempt)
    Results().write_sources(facts)


if __name__ == "__main__":
    run(sources, globals().get("snakemake"))
