"""Rule pooled: see `workflow.pooling`."""

from pathlib import Path

from workflow import pooling, records, statistics
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    folder = Path(job.output.about).parent
    about, rows = pooling.pool(*records.read_tables(job.input.about, job.input.scores))
    pooling.write(folder, about, rows)
    statistics.write(folder, about, rows)
