"""Rule stack_alignment_figure: see `workflow.stack_figures`."""

from pathlib import Path

from workflow import records, stack_figures
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    about = Path(job.input.about)
    stack_figures.alignment(records.read_json(about), about.parent, [job.output.png, job.output.pdf])
