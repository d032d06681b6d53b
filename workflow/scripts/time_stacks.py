"""Rule time_stacks: see `workflow.stacks`."""

from workflow.runtime import choose_device, limit_threads

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    # Before NumPy is imported; the measured processes are started with the same number.
    limit_threads(job.params.measured_threads)

    from workflow import records
    from workflow.config import Entry
    from workflow.logs import to_file
    from workflow.stacks import BREAKDOWN, time_stacks

    to_file(job.log[0])
    timing, breakdown = time_stacks(
        {entry["name"]: Entry(**entry) for entry in job.params.entries},
        records.read_json(job.input.sources),
        job.params.counts,
        folder=job.params.folder or None,
        device=choose_device(job.params.device),
        repeats=job.params.repeats,
        seconds=job.params.seconds,
        threads=job.params.measured_threads,
    )
    records.write_csv(job.output.timing, records.TIMING, timing)
    records.write_csv(job.output.breakdown, BREAKDOWN, breakdown)
