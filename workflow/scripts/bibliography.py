"""Rule bibliography: see `study.tables.bibliography`."""

from study.job import Job, run


def bibliography(job: Job) -> None:
    """Write the bibliography."""
    from study.store import Results
    from study.tables import bibliography

    bibliography.write(Results(job.params.root))


if __name__ == "__main__":
    run(bibliography, globals().get("snakemake"))
