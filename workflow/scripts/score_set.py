"""Rule score_set: see `study.run.score_set`."""

from pathlib import Path

from study.runtime import limit_threads

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    # Before NumPy and torch are imported.
    limit_threads(job.threads)

    from study import records
    from study.logs import to_file
    from study.run.score_set import score_set

    to_file(job.log[0])
    rows = score_set(
        records.read_csv(job.input.statuses),
        records.read_json(job.input.sources),
        list(job.params.metrics),
        Path(job.input.statuses).with_suffix(""),
        folder=job.params.folder or None,
        store=Path(job.output[0]).parent / "sources",
    )
    records.write_csv(job.output[0], records.SCORES, rows)
