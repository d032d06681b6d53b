"""Rule real_calibration_table: see `study.tables.real_calibration_table`."""

from study.job import Job, run


def real_calibration_table(job: Job) -> None:
    """Print how our values on real photographs differ from the published ones."""
    from study.store import Results
    from study.tables import real_calibration_table

    real_calibration_table.write(Results(job.params.root))


if __name__ == "__main__":
    run(real_calibration_table, globals().get("snakemake"))
