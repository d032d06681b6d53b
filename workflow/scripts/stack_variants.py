"""Rule stack_variants: see `study.figures.stack_variants`."""

from study.job import Job, run


def stack_variants(job: Job) -> None:
    """Draw the figure."""
    from study.figures import stack_variants
    from study.store import Results
    from study.tables import stacks_table

    stack_variants.draw(stacks_table.read(Results(job.params.root)), job.output)


if __name__ == "__main__":
    run(stack_variants, globals().get("snakemake"))
