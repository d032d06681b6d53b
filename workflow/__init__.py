"""Says where the commands of this folder went. Everything else here is read by Snakemake."""

import sys

_MOVED = {
    "workflow.adopt": "adopt",
    "workflow.regenerate": "refresh",
    "workflow.release": "release",
    "workflow.held_out": "held-out",
    "workflow.fidelity": "fidelity",
}

if "-m" in sys.orig_argv[:-1] and (asked := sys.orig_argv[sys.orig_argv.index("-m") + 1]) in _MOVED:
    print(f"error: python -m {asked} is now: python -m study {_MOVED[asked]}", file=sys.stderr)
    sys.exit(2)
