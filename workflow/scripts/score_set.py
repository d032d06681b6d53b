"""Rule score_set: see `study.run.score_set`."""

from study.job import Job, run


def score_set(job: Job) -> None:
    """Score the fused images of one method on one data set."""
    from study.run.score_set import Task, score_set
    from study.store import Results

    results = Results()
    dataset, method = job.wildcards.dataset, job.wildcards.method
    metric_code, array_code = job.params.metrics, job.params.arrays
    task = Task(results.read_sources(dataset), metric_code, results, arrays=array_code, attempt=job.params.attempt)
    results.write_scores(dataset, method, score_set(task, results.read_fused(dataset, method)))


if __name__ == "__main__":
    run(score_set, globals().get("snakemake"))
