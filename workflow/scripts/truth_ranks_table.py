"""Rule truth_ranks_table: see `study.tables.truth_ranks_table`."""

from study.job import Job, run


def truth_ranks_table(job: Job) -> None:
    """Write the leader board by the truth."""
    from study.store import Results
    from study.tables import truth_ranks_table

    results = Results(job.params.root)
    truth_ranks_table.write(results, job.params.datasets)


if __name__ == "__main__":
    run(truth_ranks_table, globals().get("snakemake"))
