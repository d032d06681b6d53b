"""Rule fetch: see `study.run.sources`."""

from study import records
from study.logs import to_file
from study.run.sources import collect

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    records.write_json(job.output[0], collect(job.wildcards.dataset, job.params.folder or None))
