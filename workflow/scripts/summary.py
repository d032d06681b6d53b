"""Rule summary: see `study.run.summary`."""

import logging
import sys

from files.atomic import write_text
from study import records
from study.logs import to_file
from study.run.summary import forget_failures, manifest, summarise
from study.runtime import ROOT

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    text, failed = summarise(job.params.config, ROOT)
    print("\n" + text)
    if failed:
        # Tables keep the reasons; the failed jobs run again next time.
        forget_failures(job.input.statuses)
        logging.error("failed: %s", "; ".join(failed))
        sys.exit("\n".join(["focusbench: not everything succeeded:", *failed]))
    records.write_json(job.output.manifest, manifest(job.params.config, job.params.command, job.input.sources))
    write_text(job.output[0], text)
