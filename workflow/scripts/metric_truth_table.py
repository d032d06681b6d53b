"""Rule metric_truth_table: see `study.tables.metric_truth_table`."""

from study.job import Job, run


def metric_truth_table(job: Job) -> None:
    """Hold the metrics against the truth."""
    from study.store import Results
    from study.tables import metric_truth_table, truth_sets

    results = Results(job.params.root)
    metric_truth_table.write(results, truth_sets.read(results, job.params.datasets))


if __name__ == "__main__":
    run(metric_truth_table, globals().get("snakemake"))
