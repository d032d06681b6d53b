"""Rule quality_time: see `study.figures.style`."""

from study import records
from study.figures import style as figures
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    figures.quality_time(
        records.read_json(job.input.sources),
        records.read_csv(job.input.means),
        records.read_csv(job.input.timing),
        [job.output.png, job.output.pdf],
    )
