"""Rule calibration_table: see `study.tables.calibration_table`."""

from study.job import Job, run


def calibration_table(job: Job) -> None:
    """Print the kept values of the reference toolbox and ours."""
    from study.store import Results
    from study.tables import calibration_table

    calibration_table.write(Results(job.params.root))


if __name__ == "__main__":
    run(calibration_table, globals().get("snakemake"))
