"""Rule newest_table: see `study.tables.newest_table`."""

from study.job import Job, run


def newest_table(job: Job) -> None:
    """Write the tests of the newest methods on one data set."""
    from study.store import Results
    from study.tables import newest_table

    results, dataset = Results(job.params.root), job.wildcards.dataset
    newest_table.write(results, results.read_about(dataset), results.read_tidy(dataset))


if __name__ == "__main__":
    run(newest_table, globals().get("snakemake"))
