"""Rule report: see `workflow.html_report`."""

from pathlib import Path

from imaging.files import write_text
from workflow.config import resolve
from workflow.html_report import build, provenance
from workflow.logs import to_file
from workflow.runtime import ROOT
from workflow.summary import summarise

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    summary, _ = summarise(job.params.config, ROOT)
    output = Path(job.output[0])
    write_text(output, build(output.parent, resolve(job.params.config), summary, provenance()))
