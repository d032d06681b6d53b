"""Rule sheets: see `study.figures.sheets`."""

from pathlib import Path

from files.atomic import write_text
from study import records
from study.config import Entry
from study.figures.sheets import draw_set
from study.logs import to_file

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
