"""Rule metric_truth_figure: see `study.figures.metric_truth_figure`."""

from study.job import Job, run


def metric_truth_figure(job: Job) -> None:
    """Draw the figure."""
    from study.figures import metric_truth_figure
    from study.store import read_frame

    metric_truth_figure.draw(read_frame(job.input.table), job.output)


if __name__ == "__main__":
    run(metric_truth_figure, globals().get("snakemake"))
