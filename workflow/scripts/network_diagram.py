"""Rule network_diagram: see `workflow.network_diagram`."""

from workflow.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])

    from methods.gacn.network import GACN
    from workflow import network_diagram

    network_diagram.draw(GACN(), [job.output.png, job.output.pdf])
