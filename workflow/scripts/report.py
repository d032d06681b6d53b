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
    write_text(job.output[0], build(results, resolve(job.params.config), summary, provenance(), tables, figures))


if __name__ == "__main__":
    run(report, globals().get("snakemake"))
