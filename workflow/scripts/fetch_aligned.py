"""Rule fetch_aligned: see `study.run.sources`."""

from study import records
from study.logs import to_file
from study.run.sources import collect

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    described = collect(job.wildcards.dataset, job.params.folder or None, job.params.align)
    records.write_json(job.output[0], described)
