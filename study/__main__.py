"""``python -m study VERB``: what people call besides the workflow."""

import argparse
import functools
import importlib
import json
import logging
import sys
from typing import Any

from files import command

#: Verb -> module with ``configure(parser)`` and ``command(given)``, and what it does.
VERBS = {
    "adopt": ("study.adopt", "take the results of a run into the reference run"),
    "refresh": ("study.refresh", "make tables, findings and figures again from kept scores"),
    "table": ("study.print_table", "print a table of chosen methods and metrics from kept scores"),
    "compare": ("study.own.compare", "compare methods of one's own with the kept scores of the reference run"),
    "score-images": ("study.own.score_images", "score folders of images fused elsewhere, among the kept scores"),
    "submit": ("study.own.submit", "write a submission: one's own scores with checksums, versions and who"),
    "check-submission": ("study.own.check_submission", "check a submission, and score it again from its images"),
    "fidelity": ("study.tables.fidelity_table", "compare wrapped methods with images made by their authors"),
    "calibration": ("study.tables.calibration_table", "compare the metrics with values of the reference toolbox"),
    "published": ("study.published", "take the published scores of Real-MFF into the study of the metrics"),
    "real-calibration": (
        "study.tables.real_calibration_table",
        "compare our values on Real-MFF with the published ones",
    ),
    "degradations": ("study.run.metric_degradations", "measure what the metrics say of degraded images"),
    "release": ("study.gacn.release", "release trained parameters of GACN with a model card"),
    "options": ("study.options", "write the table of options in config/README.md from the schema"),
    "held-out": ("study.gacn.held_out", "judge parameters of GACN on held-out training images"),
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = command.Parser(prog="python -m study", description="Programs beside the workflow.")
    verbs = found.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in VERBS:
        add(verbs, verb)
    return found


def add(verbs: command.Commands, verb: str) -> None:
    """Add one of `VERBS`."""
    module, what = VERBS[verb]
    own = verbs.add_parser(verb, help=what, description=f"{what[0].upper()}{what[1:]}.")
    importlib.import_module(module).configure(own)
    own.add_argument("--json", action="store_true", help="print one JSON document")
    own.set_defaults(run=functools.partial(_run, module))


def _run(module: str, given: argparse.Namespace) -> None:
    logging.getLogger().setLevel(logging.INFO)
    # It tells of every glyph that a figure embeds.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    outcome: dict[str, Any] = importlib.import_module(module).command(given)
    if given.json:
        print(json.dumps(outcome, indent=2, ensure_ascii=False))
        return
    print(outcome["message"])
    for path in outcome.get("written", []):
        print(f"  {path}")


if __name__ == "__main__":
    sys.exit(command.run(parser()))
