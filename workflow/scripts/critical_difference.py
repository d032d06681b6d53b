"""Rule critical_difference: see `workflow.statistics_figures`."""

from workflow import records, statistics_figures
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    statistics_figures.critical_difference(
        records.read_json(job.input.about),
        records.read_csv(job.input.comparisons),
        records.read_csv(job.input.friedman),
        [job.output.png, job.output.pdf],
    )
