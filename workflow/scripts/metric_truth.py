"""Rule metric_truth: see `workflow.metric_truth`."""

from pathlib import Path

from workflow import metric_truth, records, statistics_figures
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    metric_truth.write(Path(job.output.csv).parent, *records.read_tables(job.input.about, job.input.scores))
    statistics_figures.truth(records.read_csv(job.output.csv), [job.output.png, job.output.pdf])
