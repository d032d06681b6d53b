"""Rule table: see `workflow.tables`."""

from imaging.files import write_text
from workflow import records, tables
from workflow.config import Entry
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    entries = [Entry(**entry) for entry in job.params.entries]
    described = records.read_json(job.input.sources)
    rows = [row for path in job.input.scores for row in records.read_csv(path)]
    readable = sum(scene["status"] == "ok" for scene in described["scenes"])
    table = tables.build(job.wildcards.dataset, entries, job.params.metrics, rows, readable)
    records.write_csv(job.output.tidy, records.SCORES, tables.tidy(rows, entries))
    records.write_csv(job.output.wide, *tables.wide_rows(table))
    write_text(job.output.markdown, tables.markdown(table, described))
    write_text(job.output.latex, tables.latex(table, described))
