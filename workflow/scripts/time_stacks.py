"""Rule time_stacks: see `study.gacn.time_stacks`."""

from study.runtime import choose_device, limit_threads

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    # Before NumPy is imported; the measured processes are started with the same number.
    limit_threads(job.params.measured_threads)

    from study import records
    from study.config import Entry
    from study.gacn.time_stacks import BREAKDOWN, time_stacks
    from study.logs import to_file

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
