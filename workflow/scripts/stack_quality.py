"""Rule stack_quality: see `study.gacn.stack_quality`."""

from study.job import Job, run


def stack_quality(job: Job) -> None:
    """Write the tables."""
    from study.gacn import stack_quality
    from study.store import Results

    stack_quality.write(Results(), job.params.datasets)


if __name__ == "__main__":
    run(stack_quality, globals().get("snakemake"))
