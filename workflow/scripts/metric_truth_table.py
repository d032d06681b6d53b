"""Rule metric_truth_table: see `study.tables.metric_truth_table`."""

from study.job import Job, run


def metric_truth_table(job: Job) -> None:
    """Hold the metrics against the truth."""
    from study.store import Results
    from study.tables import metric_truth_table

    results, datasets = Results(job.params.root), job.params.datasets
    abouts = [results.read_about(dataset) for dataset in datasets]
    metric_truth_table.write(results, abouts, {dataset: results.read_tidy(dataset) for dataset in datasets})


if __name__ == "__main__":
    run(metric_truth_table, globals().get("snakemake"))
