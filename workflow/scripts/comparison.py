"""Rules decision_maps, crops and gallery: see `study.figures.comparison`."""

from study import records
from study.config import Entry
from study.figures import comparison
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    comparison.draw(
        job.params.figure,
        records.read_json(job.input.sources),
        job.params.scene,
        [Entry(**entry) for entry in job.params.entries],
        [records.read_csv(path) for path in job.input.statuses],
        f"results/fused/{job.params.dataset}",
        [job.output.png, job.output.pdf],
        folder=job.params.folder or None,
        given=job.params.given or None,
    )
