"""Rule metric_truth: see `study.tables.metric_truth_table`."""

from pathlib import Path

from study import records
from study.figures import critical_difference as statistics_figures
from study.logs import to_file
from study.tables import metric_truth_table as metric_truth

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    metric_truth.write(Path(job.output.csv).parent, *records.read_tables(job.input.about, job.input.scores))
    statistics_figures.truth(records.read_csv(job.output.csv), [job.output.png, job.output.pdf])
