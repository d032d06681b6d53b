"""Rule stack_time_figure: see `workflow.stack_figures`."""

from workflow import records, stack_figures
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    described = [records.read_json(path) for path in job.input.sources]
    labels = {d["dataset"]: d["label"] for d in described}
    stack_figures.times(records.read_csv(job.input.csv), labels, [job.output.png, job.output.pdf])
