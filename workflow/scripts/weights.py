"""Rule weights: see `files.fetch`."""

from files.atomic import write_text
from study.logs import to_file
from study.run.sources import fetch_weights

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    write_text(job.output[0], fetch_weights(job.params.files))
