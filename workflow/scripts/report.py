"""Rule report: see `study.report.report`."""

from pathlib import Path

from files.atomic import write_text
from study.config import resolve
from study.logs import to_file
from study.report.report import build, provenance
from study.run.summary import summarise
from study.runtime import ROOT

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    summary, _ = summarise(job.params.config, ROOT)
    output = Path(job.output[0])
    write_text(output, build(output.parent, resolve(job.params.config), summary, provenance()))
