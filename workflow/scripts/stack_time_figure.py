"""Rule stack_time_figure: see `study.gacn.stack_figures`."""

from study import records
from study.gacn import stack_figures
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    described = [records.read_json(path) for path in job.input.sources]
    labels = {d["dataset"]: d["label"] for d in described}
    stack_figures.times(records.read_csv(job.input.csv), labels, [job.output.png, job.output.pdf])
