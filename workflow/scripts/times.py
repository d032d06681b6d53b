"""Rule times: see `study.tables.timing_table`."""

from study.job import Job, run


def times(job: Job) -> None:
    """Summarise the times of all methods on one data set."""
    import pandas as pd

    from study.store import Results, write_frame
    from study.tables.timing_table import summary

    rows = pd.concat([Results().read_timing(path) for path in job.input], ignore_index=True)
    rows["label"] = rows["method"].map(job.params.labels)
    write_frame(job.output[0], summary(rows))


if __name__ == "__main__":
    run(times, globals().get("snakemake"))
