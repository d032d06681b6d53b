"""Rule fuse_set: see `workflow.fusing`."""

from pathlib import Path

from workflow.runtime import choose_device, limit_threads

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    # Before NumPy and torch are imported.
    limit_threads(job.threads)

    from workflow import records
    from workflow.config import Entry
    from workflow.fusing import fuse_set_apart
    from workflow.logs import to_file

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
