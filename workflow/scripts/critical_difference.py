"""Rule critical_difference: see `study.figures.critical_difference`."""

from study import records
from study.figures import critical_difference as statistics_figures
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    statistics_figures.critical_difference(
        records.read_json(job.input.about),
        records.read_csv(job.input.comparisons),
        records.read_csv(job.input.friedman),
        [job.output.png, job.output.pdf],
    )
