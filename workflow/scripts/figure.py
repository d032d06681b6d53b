"""Rule figure: see `workflow.figures`."""

from workflow import figures, records
from workflow.config import Entry
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    figures.boxes(
        records.read_json(job.input.sources),
        [Entry(**entry) for entry in job.params.entries],
        records.read_csv(job.input.scores),
        [job.output.png, job.output.pdf],
    )
