"""Rule statistics: see `study.tables.statistics_table`."""

from pathlib import Path

from study import records
from study.logs import to_file
from study.tables import statistics_table as statistics

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    statistics.write(
        Path(job.output.csv).parent, records.read_json(job.input.about), records.read_csv(job.input.scores)
    )
