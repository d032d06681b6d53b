"""Rule sheets: see `workflow.sheets`."""

from pathlib import Path

from imaging.files import write_text
from workflow import records
from workflow.config import Entry
from workflow.logs import to_file
from workflow.sheets import draw_set

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    drawn = draw_set(
        records.read_json(job.input.sources),
        [Entry(**entry) for entry in job.params.entries],
        [records.read_csv(path) for path in job.input.statuses],
        Path(job.input.statuses[0]).parent,
        Path(job.output[0]).with_suffix(""),
        folder=job.params.folder or None,
    )
    write_text(job.output[0], "".join(f"{name}\n" for name in drawn))
