"""Rule stack_alignment: see `study.gacn.stack_alignment`."""

from study.job import Job, run


def stack_alignment(job: Job) -> None:
    """Fuse some images of a stack as they are and aligned."""
    from files.machine import choose_device
    from study.entries import Entry
    from study.gacn.stack_alignment import compare
    from study.store import Results

    results = Results()
    facts, device = results.read_sources(job.wildcards.dataset), choose_device(job.params.device)
    compare(results, Entry(**job.params.entry), facts, job.params.model, device).write(results)


if __name__ == "__main__":
    run(stack_alignment, globals().get("snakemake"))
