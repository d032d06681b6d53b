"""Rule timing_table: see `workflow.tables`."""

from pathlib import Path

from workflow import records, tables
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    rows = [row for path in job.input.timing for row in records.read_csv(path)]
    columns, summary = tables.timing_summary(rows)
    records.write_csv(job.output.csv, columns, summary)
    tables.write_timing(Path(job.output.csv).parent, records.read_json(job.input.sources), summary)
