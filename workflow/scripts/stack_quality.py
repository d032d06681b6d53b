"""Rule stack_quality: see `study.gacn.stack_tables`."""

from pathlib import Path

from files.atomic import write_text
from study import records
from study.gacn.stack_tables import QUALITY_COLUMNS, quality_markdown, quality_set
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    rows, missing, labels = [], [], {}
    for path in job.input.sources:
        described = records.read_json(path)
        name = described["dataset"]
        labels[name] = described["label"]
        scores = {m: records.read_csv(Path("results/scores") / name / f"{m}.csv") for m in job.params.strategies}
        folder = job.params.folders.get(name) or None
        mine, lost = quality_set(described, scores, Path("results/fused") / name, folder)
        rows += mine
        missing += lost
    records.write_csv(job.output.csv, QUALITY_COLUMNS, rows)
    write_text(job.output.markdown, quality_markdown(rows, labels, missing))
