"""Rule summary: see `study.run.summary`."""

from study.job import Job, run


def summary(job: Job) -> None:
    """Say how the run ended."""
    import os

    from files.atomic import write_text
    from study import records
    from study.run.summary import manifest, summarise
    from study.store import Results

    text, failed = summarise(job.params.config, Results())
    print("\n" + text)
    record = manifest(job.params.config, os.environ.get("FOCUSBENCH_COMMAND", ""), Results())
    records.write_json(job.output.manifest, record | {"failed": failed})
    write_text(job.output.text, text)


if __name__ == "__main__":
    run(summary, globals().get("snakemake"))
