"""Rule training_figure: see `study.gacn.training_figure`."""

from study import records
from study.gacn import train_network as training
from study.gacn import training_figure as training_figures
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    ended = records.read_json(job.input[0])
    rows = training.epochs(ended["name"]) if ended["status"] == "ok" else []
    training_figures.losses(ended["name"], rows, [job.output.png, job.output.pdf], ended["reason"])
