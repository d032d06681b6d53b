"""Rule means_table: see `study.tables.means_table`."""

from study.job import Job, run


def means_table(job: Job) -> None:
    """Write the tables of one data set."""
    from study.store import Results
    from study.tables import means_table

    results, dataset = Results(job.params.root), job.wildcards.dataset
    means_table.write(results, *means_table.all_means(results.read_about(dataset), results.read_tidy(dataset)))


if __name__ == "__main__":
    run(means_table, globals().get("snakemake"))
