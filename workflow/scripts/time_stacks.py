"""Rule time_stacks: see `study.gacn.time_stacks`."""

from study.job import Job, limit_threads, run


def time_stacks(job: Job) -> None:
    """Time the strategies on one stack."""
    # The job claims all cores, so that nothing else runs; the measured processes are started with their own number.
    limit_threads(job.params.protocol["threads"])
    from files.machine import choose_device
    from study.entries import Entry
    from study.gacn.time_stacks import Protocol, time_stacks
    from study.store import Results, write_frame

    results = Results()
    timing, breakdown = time_stacks(
        {name: Entry(**entry) for name, entry in job.params.entries.items()},
        results.read_sources(job.wildcards.dataset),
        Protocol(**job.params.protocol),
        choose_device(job.params.device),
    )
    results.write_timing(job.output.timing, timing)
    write_frame(job.output.breakdown, breakdown)


if __name__ == "__main__":
    run(time_stacks, globals().get("snakemake"))
