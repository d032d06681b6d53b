"""Rule figure: see `study.figures.style`."""

from study import records
from study.config import Entry
from study.figures import style as figures
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    figures.boxes(
        records.read_json(job.input.sources),
        [Entry(**entry) for entry in job.params.entries],
        records.read_csv(job.input.scores),
        [job.output.png, job.output.pdf],
    )
