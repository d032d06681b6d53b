"""When something that did not work is tried again: in the next run, by itself, without deleting a record.

Every record of a step that may fail carries ``attempt``. The rule of the step has that number as a parameter; a larger one than
was stored makes Snakemake run the step again. Reading a record changes nothing, so a dry run leaves everything as it is.
"""

from collections.abc import Mapping
from typing import Any


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
