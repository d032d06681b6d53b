"""Rule training_figure: see `workflow.training_figures`."""

from workflow import records, training, training_figures
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    ended = records.read_json(job.input[0])
    rows = training.epochs(ended["name"]) if ended["status"] == "ok" else []
    training_figures.losses(ended["name"], rows, [job.output.png, job.output.pdf], ended["reason"])
