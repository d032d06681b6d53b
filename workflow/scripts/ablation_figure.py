"""Rule ablation_figure: see `study.gacn.training_figure`."""

from study import records
from study.gacn import training_figure as training_figures
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    rows = records.read_csv(job.input.table)
    described = [records.read_json(path) for path in job.input.sources]
    parts = [(d, [row for row in rows if row["dataset"] == d["dataset"]]) for d in described]
    training_figures.ablation(parts, [job.output.png, job.output.pdf])
