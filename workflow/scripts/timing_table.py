"""Rule timing_table: see `study.tables.means_table`."""

from pathlib import Path

from study import records
from study.logs import to_file
from study.tables import means_table as tables

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    rows = [row for path in job.input.timing for row in records.read_csv(path)]
    columns, summary = tables.timing_summary(rows)
    records.write_csv(job.output.csv, columns, summary)
    tables.write_timing(Path(job.output.csv).parent, records.read_json(job.input.sources), summary)
