"""Rule findings: see `study.findings.findings`."""

from pathlib import Path

from files.atomic import write_text
from study.findings import findings
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    write_text(job.output[0], findings.text(Path(job.input.pooled).parents[1]))
