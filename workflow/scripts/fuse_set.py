"""Rule fuse_set: see `study.run.fuse_set`."""

from pathlib import Path

from study.runtime import choose_device, limit_threads

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    # Before NumPy and torch are imported.
    limit_threads(job.threads)

    from study import records
    from study.config import Entry
    from study.logs import to_file
    from study.run.fuse_set import fuse_set_apart

    to_file(job.log[0])
    entry = Entry(**job.params.entry)
    rows = fuse_set_apart(
        entry,
        records.read_json(job.input.sources),
        Path(job.output[0]).with_suffix(""),
        folder=job.params.folder or None,
        device=choose_device(job.params.device) if "device" in entry.declared.needs else "cpu",
        code=job.params.code,
        budget=job.params.budget or None,
    )
    records.write_csv(job.output[0], records.STATUS, rows)
