"""Rule table: see `study.tables.means_table`."""

from pathlib import Path

from study import about, records
from study.config import Entry
from study.logs import to_file
from study.tables import means_table as tables

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    entries = [Entry(**entry) for entry in job.params.entries]
    described = records.read_json(job.input.sources)
    rows = tables.tidy([row for path in job.input.scores for row in records.read_csv(path)], entries)
    facts = about.describe(described, entries, job.params.main, job.params.metrics, job.params.folder)
    records.write_csv(job.output.tidy, records.SCORES, rows)
    records.write_json(job.output.about, facts)
    tables.write(Path(job.output.tidy).parent, facts, rows)
