"""Rule statistics: see `workflow.statistics`."""

from pathlib import Path

from workflow import records, statistics
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    statistics.write(
        Path(job.output.csv).parent, records.read_json(job.input.about), records.read_csv(job.input.scores)
    )
