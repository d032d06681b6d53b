"""Rule pooled_table: see `study.tables.pooled_table`."""

from study.job import Job, run


def pooled_table(job: Job) -> None:
    """Write the tables and tests of all data sets together."""
    from study.store import Results
    from study.tables import pooled_table

    results = Results(job.params.root)
    pooled_table.write(results, *pooled_table.read(results, job.params.datasets))


if __name__ == "__main__":
    run(pooled_table, globals().get("snakemake"))
