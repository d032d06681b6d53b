"""Rule statistics_table: see `study.tables.statistics_table`."""

from study.job import Job, run


def statistics_table(job: Job) -> None:
    """Test the methods of one data set."""
    from study.store import Results
    from study.tables import statistics_table

    results, dataset = Results(job.params.root), job.wildcards.dataset
    statistics_table.write(results, results.read_about(dataset), results.read_tidy(dataset))


if __name__ == "__main__":
    run(statistics_table, globals().get("snakemake"))
