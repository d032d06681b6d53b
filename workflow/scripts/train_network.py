"""Rule train_network: see `study.gacn.train_network`."""

from study.runtime import choose_device, limit_threads

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    # Before NumPy and torch are imported.
    limit_threads(job.threads)

    from methods.gacn.recipe import Recipe
    from study import records
    from study.gacn import train_network as training
    from study.logs import to_file

    to_file(job.log[0])
    recipe = Recipe(**{**job.params.recipe, "collections": tuple(job.params.recipe["collections"])})
    records.write_json(job.output[0], training.run(job.wildcards.run, recipe, choose_device(job.params.device)))
