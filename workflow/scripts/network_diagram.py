"""Rule network_diagram: see `study.gacn.network_diagram`."""

from study.job import Job, run


def network_diagram(job: Job) -> None:
    """Draw the figure."""
    from methods.gacn.network import GACN
    from study.gacn import network_diagram

    network_diagram.draw(GACN(), job.output)


if __name__ == "__main__":
    run(network_diagram, globals().get("snakemake"))
