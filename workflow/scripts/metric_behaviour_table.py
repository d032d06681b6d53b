"""Rule metric_behaviour_table: see `study.tables.metric_behaviour_table`."""

from study.job import Job, run


def metric_behaviour_table(job: Job) -> None:
    """Write what the metrics prefer, and how stable their rankings are."""
    from study.store import Results
    from study.tables import metric_behaviour_table, truth_sets

    results = Results(job.params.root)
    metric_behaviour_table.write(results, truth_sets.read(results, job.params.datasets))


if __name__ == "__main__":
    run(metric_behaviour_table, globals().get("snakemake"))
