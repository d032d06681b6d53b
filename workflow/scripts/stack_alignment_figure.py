"""Rule stack_alignment_figure: see `study.gacn.stack_figures`."""

from pathlib import Path

from study import records
from study.gacn import stack_figures
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    about = Path(job.input.about)
    stack_figures.alignment(records.read_json(about), about.parent, [job.output.png, job.output.pdf])
