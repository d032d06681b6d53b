"""Rule fuse_set: see `study.run.fuse_set`."""

from study.job import Job, run


def fuse_set(job: Job) -> None:
    """Fuse all scenes of a data set with one method."""
    from files.machine import choose_device
    from study.entries import Entry
    from study.run.fuse_set import Task, fuse_set
    from study.store import Results

    entry, results = Entry(**job.params.entry), Results()
    dataset = job.wildcards.dataset
    task = Task(
        entry,
        results.read_sources(dataset),
        results,
        device=choose_device(job.params.device) if "device" in entry.declared.needs else "cpu",
        code=job.params.code,
        time_limit=job.params.time_limit,
        attempt=job.params.attempt,
    )
    results.write_fused(dataset, entry.name, fuse_set(task, job.params.budget or None))


if __name__ == "__main__":
    run(fuse_set, globals().get("snakemake"))
