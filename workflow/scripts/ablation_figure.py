"""Rule ablation_figure: see `study.gacn.ablation_figure`."""

from study.job import Job, run


def ablation_figure(job: Job) -> None:
    """Draw the figure."""
    from study.gacn import ablation_figure, ablation_table
    from study.store import Results

    ablation_figure.draw(ablation_table.read(Results(job.params.root)), job.output)


if __name__ == "__main__":
    run(ablation_figure, globals().get("snakemake"))
