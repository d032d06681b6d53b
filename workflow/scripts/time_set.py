"""Rule time_set: see `study.run.time_set`."""

from study.runtime import choose_device, limit_threads

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    # Before NumPy and torch are imported.
    limit_threads(job.params.timing["threads"])

    from study import records
    from study.config import Entry
    from study.logs import to_file
    from study.run.time_set import time_set

    to_file(job.log[0])
    entry = Entry(**job.params.entry)
    timing = job.params.timing
    rows = time_set(
        entry,
        records.read_json(job.input.sources),
        folder=job.params.folder or None,
        device=choose_device(job.params.device) if "device" in entry.declared.needs else "cpu",
        scenes_timed=timing["scenes"],
        repeats=timing["repeats"],
        threads=timing["threads"],
        seconds=timing["seconds"],
        budget=job.params.budget or None,
    )
    records.write_csv(job.output[0], records.TIMING, rows)
