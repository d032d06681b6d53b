"""Rule timing_table: see `study.tables.timing_table`."""

from study.job import Job, run


def timing_table(job: Job) -> None:
    """Write the timing table of one data set."""
    from study.store import Results
    from study.tables import timing_table

    results = Results(job.params.root)
    timing_table.write(results, results.read_about(job.wildcards.dataset))


if __name__ == "__main__":
    run(timing_table, globals().get("snakemake"))
