"""Rule weights: see `study.run.weights`."""

from study.job import Job, run


def weights(job: Job) -> None:
    """Fetch the weight files of a method."""
    from study import records
    from study.run import weights

    records.write_json(job.output[0], weights.collect(job.wildcards.method, job.params.files, job.params.attempt))


if __name__ == "__main__":
    run(weights, globals().get("snakemake"))
