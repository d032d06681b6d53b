"""Rule curves: see `study.figures.curves`."""

from study import records
from study.config import Entry
from study.figures import curves
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    curves.draw(
        records.read_json(job.input.sources),
        [Entry(**entry) for entry in job.params.entries],
        records.read_csv(job.input.scores),
        [job.output.png, job.output.pdf],
    )
