"""Rule conventions_table: see `study.tables.conventions_table`."""

from study.job import Job, run


def conventions_table(job: Job) -> None:
    """Write the table of one image under the conventions in use."""
    from study.entries import Entry
    from study.store import Results
    from study.tables import conventions_table

    conventions_table.write(Results(), job.params.dataset, Entry(**job.params.entry))


if __name__ == "__main__":
    run(conventions_table, globals().get("snakemake"))
