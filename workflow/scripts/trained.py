"""Rule train: say how the training ended; fail when it left no parameters."""

import sys

from study import records
from study.gacn import train_network as training
from study.logs import to_file

if __name__ == "__main__":
    job = snakemake  # noqa: F821
    to_file(job.log[0])
    ended = records.read_json(job.input.record)
    if ended["status"] != "ok":
        sys.exit(f"focusbench: training {ended['name']} is {ended['status']}: {ended['reason']}")
    print(
        f"\n{training.parameters(ended['name'])}: validation loss {ended['validation_total']:.4f}, the lowest of "
        f"{ended['epochs']} epochs, in epoch {ended['best_epoch']}\n"
    )
