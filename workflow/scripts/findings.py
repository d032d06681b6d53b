"""Rule findings: see `workflow.findings`."""

from pathlib import Path

from imaging.files import write_text
from workflow import findings
from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    write_text(job.output[0], findings.text(Path(job.input.pooled).parents[1]))
