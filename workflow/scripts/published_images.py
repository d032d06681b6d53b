"""Rule published_images: see `study.run.weights`."""

from study.job import Job, run


def published_images(job: Job) -> None:
    """Fetch the images that a method's authors published of one data set."""
    from study import records
    from study.run import weights

    records.write_json(job.output[0], weights.collect(job.wildcards.method, job.params.files, job.params.attempt))


if __name__ == "__main__":
    run(published_images, globals().get("snakemake"))
