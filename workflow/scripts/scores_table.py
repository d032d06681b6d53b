"""Rule scores_table: see `study.run.scores_table`."""

from study.job import Job, run


def scores_table(job: Job) -> None:
    """Join the scores of all methods on one data set."""
    from study.entries import Entry
    from study.run import scores_table
    from study.store import Results

    results = Results()
    entries = [Entry(**entry) for entry in job.params.entries]
    facts = results.read_sources(job.wildcards.dataset)
    scores = scores_table.joined(results, facts.dataset, entries)
    results.write_tidy(facts.dataset, scores)
    chosen = (job.params.main, job.params.metric_ids, job.params.highlight)
    results.write_about(scores_table.about(facts, entries, *chosen, scores))


if __name__ == "__main__":
    run(scores_table, globals().get("snakemake"))
