"""Rule stack_alignment: see `study.gacn.stack_alignment`."""

from pathlib import Path

from study.runtime import choose_device, limit_threads

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    # Before NumPy and torch are imported.
    limit_threads(job.threads)

    from study import records
    from study.config import Entry
    from study.gacn.stack_alignment import compare
    from study.logs import to_file

    to_file(job.log[0])
    compare(
        Entry(**job.params.entry),
        records.read_json(job.input.sources),
        Path(job.output.about).parent,
        folder=job.params.folder or None,
        device=choose_device(job.params.device),
        model=job.params.model,
    )
