"""Rule summary: see `study.run.summary`."""

from study.job import Job, run


def summary(job: Job) -> None:
    """Say how the run ended; fail when anything failed."""
    import logging
    import sys

    from files.atomic import write_text
    from study import records
    from study.run.summary import manifest, summarise
    from study.store import Results

    text, failed = summarise(job.params.config, Results())
    print("\n" + text)
    if failed:
        logging.error("failed: %s", "; ".join(failed))
        sys.exit("\n".join(["focusbench: not everything succeeded:", *failed]))
    records.write_json(job.output.manifest, manifest(job.params.config, job.params.command, Results()))
    write_text(job.output.text, text)


if __name__ == "__main__":
    run(summary, globals().get("snakemake"))
