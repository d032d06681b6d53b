"""Rule stacks_table: see `study.tables.stacks_table`."""

from study.job import Job, run


def stacks_table(job: Job) -> None:
    """Write the table of all stacks with truth."""
    from study.store import Results
    from study.tables import stacks_table

    stacks_table.write(Results(job.params.root), job.params.datasets)


if __name__ == "__main__":
    run(stacks_table, globals().get("snakemake"))
