"""Rule findings: see `study.findings.findings`."""

from study.job import Job, run


def findings(job: Job) -> None:
    """Say in words what the tables hold."""
    from study.findings import findings
    from study.store import Results

    findings.write(Results(job.params.root))


if __name__ == "__main__":
    run(findings, globals().get("snakemake"))
