"""Rule stack_time_table: see `study.gacn.stack_tables`."""

from files.atomic import write_text
from study import records
from study.gacn.stack_tables import TIME_COLUMNS, time_markdown, time_rows
from study.gacn.time_stacks import BREAKDOWN
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    timing = [row for path in job.input.timing for row in records.read_csv(path)]
    breakdown = [row for path in job.input.breakdown for row in records.read_csv(path)]
    described = [records.read_json(path) for path in job.input.sources]
    rows = time_rows(timing, breakdown)
    records.write_csv(job.output.csv, TIME_COLUMNS, rows)
    records.write_csv(job.output.breakdown, BREAKDOWN, breakdown)
    write_text(job.output.markdown, time_markdown(rows, breakdown, {d["dataset"]: d["label"] for d in described}))
