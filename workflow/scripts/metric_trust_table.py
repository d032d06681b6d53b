"""Rule metric_trust_table: see `study.tables.metric_trust_table`."""

from study.job import Job, run


def metric_trust_table(job: Job) -> None:
    """Decide which metrics can be trusted."""
    from study.store import Results
    from study.tables import metric_trust_table, truth_sets

    results = Results(job.params.root)
    metric_trust_table.write(results, truth_sets.read(results, job.params.datasets))


if __name__ == "__main__":
    run(metric_trust_table, globals().get("snakemake"))
