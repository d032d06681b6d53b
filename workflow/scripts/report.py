"""Rule report: see `study.report.report`."""

from study.job import Job, run


def report(job: Job) -> None:
    """Write the report."""
    from files.atomic import write_text
    from study.config import resolve
    from study.report.report import build, provenance
    from study.run.summary import summarise
    from study.store import Results

    results = Results()
    tables = [*job.input.tables, *job.params.further]
    figures = [*job.input.figures, *job.params.further]
    summary, _ = summarise(job.params.config, results)
    settings = resolve(job.params.config)
    write_text(job.output.whole, build(results, settings, summary, provenance(), tables, figures))
    for dataset, path in zip(settings.datasets, job.output.sets, strict=True):
        write_text(path, build(results, settings, "", provenance(), tables, figures, only=dataset))


if __name__ == "__main__":
    run(report, globals().get("snakemake"))
