"""Rule timing_table: see `workflow.tables`."""

from imaging.files import write_text
from workflow import records, tables
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    rows = [row for path in job.input.timing for row in records.read_csv(path)]
    columns, summary = tables.timing_summary(rows)
    records.write_csv(job.output.csv, columns, summary)
    write_text(job.output.markdown, tables.timing_markdown(summary, records.read_json(job.input.sources)))
