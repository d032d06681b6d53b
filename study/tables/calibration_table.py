"""The calibration of the metrics (``metric_calibration.csv``, from ``python -m metrics calibrate``) as a short table."""

import metrics
from files.atomic import write_text
from study.tables import latex as booktabs

_HEADER = ("Metric", "images", "values", "largest difference", "largest relative difference")
_NOTES = ("Difference: our value minus the official one, on fused images published by the authors of a survey.",)


def cells(rows):
    """Cells of one line per metric and kind of image (list of list of str)."""
    groups = {}
    for row in rows:
        groups.setdefault((row["metric"], row["dataset"]), []).append(row)
    lines = []
    for (metric_id, kind), mine in groups.items():
        largest = max(abs(float(r["difference"])) for r in mine)
        relative = max(float(r["relative"]) for r in mine)
        lines.append([metrics.registry.get(metric_id).label, kind, str(len(mine)), f"{largest:.1e}", f"{relative:.1e}"])
    return lines


def reasons(rows):
    """Why values differ, with the metrics it concerns (list of str)."""
    found = {}
    for row in rows:
        if row["reason"]:
            found.setdefault(row["reason"], {})[metrics.registry.get(row["metric"]).label] = None
    return [f"{', '.join(labels)}: {reason.rstrip('.')}." for reason, labels in found.items()]


def write(folder, rows):
    """Write ``metric_calibration.md`` and ``.tex`` from the rows of ``metric_calibration.csv``."""
    lines, notes = cells(rows), [*_NOTES, *reasons(rows)]
    text = ["# Metrics against the reference toolbox", "", "| " + " | ".join(_HEADER) + " |"]
    text.append("| --- | --- | ---: | ---: | ---: |")
    text += ["| " + " | ".join(line) + " |" for line in lines]
    write_text(folder / "metric_calibration.md", "\n".join([*text, "", *(f"- {note}" for note in notes)]) + "\n")
    body = [[booktabs.escape(cell) for cell in line] for line in lines]
    table = booktabs.table(
        "Metrics against the reference toolbox.",
        "metric_calibration",
        list(_HEADER),
        body,
        notes=notes,
        columns="llrrr",
        size="footnotesize",
    )
    write_text(folder / "metric_calibration.tex", booktabs.document(table))
