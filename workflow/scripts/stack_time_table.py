"""Rule stack_time_table: see `study.gacn.stack_time_table`."""

from study.job import Job, run


def stack_time_table(job: Job) -> None:
    """Write the tables."""
    from study.gacn import stack_time_table
    from study.store import Results

    stack_time_table.write(Results(), job.params.datasets)


if __name__ == "__main__":
    run(stack_time_table, globals().get("snakemake"))
