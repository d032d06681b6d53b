"""Logging of a job to its log file."""

import logging
import sys
from pathlib import Path


def to_file(path):
    """Send log records of this process, and uncaught errors, to a file."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=path, filemode="w", level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.captureWarnings(True)

    def record(kind, error, trace):
        logging.critical("the job ended with an error", exc_info=(kind, error, trace))
        sys.__excepthook__(kind, error, trace)

    sys.excepthook = record
