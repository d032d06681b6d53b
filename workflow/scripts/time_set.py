"""Rule time_set: see `study.run.time_set`."""

from study.job import Job, limit_threads, run


def time_set(job: Job) -> None:
    """Time one method on one data set."""
    # The job claims all cores, so that nothing else runs; the measured code gets its own number.
    limit_threads(job.params.protocol["threads"])
    from files.machine import choose_device
    from study.config import with_defaults
    from study.entries import Entry
    from study.run.time_set import Protocol, time_set
    from study.store import Results

    entry, results = Entry(**job.params.entry), Results()
    rows = time_set(
        entry,
        results.read_sources(job.wildcards.dataset),
        # No parameter of the rule: it decides which times are refused, and those are measured again anyway.
        Protocol(**job.params.protocol, load=with_defaults(job.config)["timing"]["load"]),
        device=choose_device(job.params.device) if "device" in entry.declared.needs else "cpu",
        budget=job.params.budget or None,
        time_limit=job.params.time_limit,
        attempt=job.params.attempt,
    )
    results.write_timing(job.output[0], rows)


if __name__ == "__main__":
    run(time_set, globals().get("snakemake"))
