"""Rule network_diagram: see `study.gacn.network_diagram`."""

from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])

    from methods.gacn.network import GACN
    from study.gacn import network_diagram

    network_diagram.draw(GACN(), [job.output.png, job.output.pdf])
