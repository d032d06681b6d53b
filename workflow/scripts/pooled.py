"""Rule pooled: see `study.tables.pooled_table`."""

from pathlib import Path

from study import records
from study.logs import to_file
from study.tables import pooled_table as pooling
from study.tables import statistics_table as statistics

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    folder = Path(job.output.about).parent
    about, rows = pooling.pool(*records.read_tables(job.input.about, job.input.scores))
    pooling.write(folder, about, rows)
    statistics.write(folder, about, rows)
