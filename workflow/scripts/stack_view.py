"""Rule stack_view: see `study.gacn.stack_figures`."""

from pathlib import Path

from study import records
from study.gacn import stack_figures
from study.gacn.time_stacks import CALIBRATED
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    stack_figures.view(
        records.read_json(job.input.sources),
        records.read_csv(next(path for path in job.input.statuses if Path(path).stem == CALIBRATED)),
        Path(job.input.statuses[0]).parent,
        [job.output.png, job.output.pdf],
        folder=job.params.folder or None,
    )
