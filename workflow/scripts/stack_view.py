"""Rule stack_view: see `workflow.stack_figures`."""

from pathlib import Path

from workflow import records, stack_figures
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    stack_figures.view(
        records.read_json(job.input.sources),
        records.read_csv(job.input.statuses),
        Path(job.input.statuses).with_suffix(""),
        [job.output.png, job.output.pdf],
        folder=job.params.folder or None,
    )
