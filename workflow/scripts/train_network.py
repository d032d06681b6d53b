"""Rule train_network: see `study.gacn.train_network`."""

from study.job import Job, run


def train_network(job: Job) -> None:
    """Train, or continue to train, a network."""
    from files.machine import choose_device
    from methods.gacn.recipe import recipe_from
    from study.gacn.train_network import train_network

    recipe = recipe_from("published", job.params.recipe)
    device = choose_device(job.params.device)
    train_network(job.wildcards.run, recipe, device, job.params.attempt).write()


if __name__ == "__main__":
    run(train_network, globals().get("snakemake"))
