"""Rule sheets: see `study.figures.sheets`."""

from study.job import Job, run


def sheets(job: Job) -> None:
    """Draw the figure."""
    from files.atomic import write_text
    from study.entries import Entry
    from study.figures import sheets
    from study.store import Results

    results = Results()
    entries = [Entry(**entry) for entry in job.params.entries]
    drawn = sheets.draw_all(results, results.read_sources(job.wildcards.dataset), entries)
    write_text(job.output[0], "".join(f"{name}\n" for name in drawn))


if __name__ == "__main__":
    run(sheets, globals().get("snakemake"))
