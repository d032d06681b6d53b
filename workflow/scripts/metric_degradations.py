"""Rule metric_degradations: see `study.run.metric_degradations`."""

from study.job import Job, run


def metric_degradations(job: Job) -> None:
    """Score ideal fused images before and after they are degraded."""
    from study.run import metric_degradations
    from study.store import Results

    metric_degradations.write(Results(job.params.root))


if __name__ == "__main__":
    run(metric_degradations, globals().get("snakemake"))
