"""When something that did not work is tried again: in the next run, by itself, without deleting a record.

Every record of a step that may fail carries ``attempt``. The rule of the step has that number as a parameter; a larger one than
was stored makes Snakemake run the step again. Reading a record changes nothing, so a dry run leaves everything as it is.
"""

import functools
import os
from collections.abc import Callable, Mapping
from typing import Any

from study import records


def asked_once(number: Callable[[Any], int]) -> Callable[[Any], int]:
    """A function of a job's wildcards that gives the same answer throughout a run, in the processes of its jobs, too.

    Snakemake asks for parameters again after it removed a job's outputs, the record of the last attempt among them. Processes of jobs ask
    on their own, on a cluster's node, too, and find the answer in the environment: where an executor tries a job again, the record is gone.
    """
    known: dict[str, int] = {}

    @functools.wraps(number)
    def answer(wildcards: Any) -> int:
        key = "FOCUSBENCH_ATTEMPT_" + records.key(number.__name__, sorted(wildcards.items()))
        if key not in known:
            known[key] = int(os.environ.get(key) or number(wildcards))
            # An environment has little room, and a process that finds no record gets 1 anyway.
            if known[key] > 1:
                os.environ[key] = str(known[key])
        return known[key]

    return answer


def attempt(stored: Mapping[str, Any] | None, again: bool | None = None) -> int:
    """Number of the attempt that a step should be at.

    Parameters
    ----------
    stored : mapping or None
        Record of the last attempt, with ``status`` and ``attempt``; None when there is none.
    again : bool, optional
        Whether the step should be tried again; by default whether its status is not ``ok``.

    Returns
    -------
    int
        1 for a step that was never tried; the stored number for one that need not be tried again; else one more.
    """
    if stored is None:
        return 1
    number = int(stored.get("attempt", 1))
    again = stored.get("status") != "ok" if again is None else again
    return number + 1 if again else number
