"""Fetching, catalogue, plug-ins, errors, commands: what every room stands on, and so what is imported first."""

import os

# OpenMP's threads spin while they wait. On cores that are shared they take the time of those that work: two programs side by side
# slow each other down many times over. The library reads this once, when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
