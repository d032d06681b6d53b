"""Rule fidelity_table: see `study.tables.fidelity_table`."""

from study.job import Job, run


def fidelity_table(job: Job) -> None:
    """Print the kept distances to images made by others."""
    from study.store import Results
    from study.tables import fidelity_table

    fidelity_table.write(Results(job.params.root))


if __name__ == "__main__":
    run(fidelity_table, globals().get("snakemake"))
