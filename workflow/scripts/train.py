"""Rule train: see `study.gacn.train`."""

from study.job import Job, run


def train(job: Job) -> None:
    """Say how the training ended; fail when it left no parameters."""
    import sys

    from files.errors import Unavailable
    from study.gacn import entries
    from study.gacn.train import told

    try:
        print(f"\n{told(entries.stored(job.params.run))}\n")
    except Unavailable as error:
        sys.exit(f"focusbench: {error}")


if __name__ == "__main__":
    run(train, globals().get("snakemake"))
