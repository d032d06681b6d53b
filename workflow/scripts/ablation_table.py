"""Rule ablation_table: see `study.gacn.ablation_table`."""

from study.job import Job, run


def ablation_table(job: Job) -> None:
    """Write the tables."""
    from study.gacn import ablation_table
    from study.store import Results

    ablation_table.write(Results(), job.params.ablation["datasets"], job.params.ablation)


if __name__ == "__main__":
    run(ablation_table, globals().get("snakemake"))
