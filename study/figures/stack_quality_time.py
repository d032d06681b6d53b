"""Quality on all stacks with truth against the time per image (logarithmic), with the Pareto front."""

from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd

import metrics
from study.figures import quality_time, style
from study.figures.scatter import Point
from study.tables import stacks_table

#: What is drawn: quality of the image, and what the index map loses.
METRICS = ("psnr", "excess_defocus")


def draw(frame: pd.DataFrame, highlighted: Collection[str], paths: Iterable[str | Path]) -> None:
    """Draw quality against time on stacks; controls, and methods that lack a stack, are left out.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `study.tables.stacks_table.read`.
    highlighted : collection of str
        Names of the methods that are named wherever they lie.
    paths : iterable of path-like
    """
    means = stacks_table.means(frame[frame["kind"] != "control"])
    means = means[means[stacks_table.SECONDS].notna()]
    panels = {}
    for metric in map(metrics.registry.get, METRICS):
        count = means[f"{metric.id}_n"]
        whole = means[(count > 0) & (count == count.max())]
        if len(whole):
            panels[metric] = [
                Point(float(row[stacks_table.SECONDS]), float(row[metric.id]), str(row["label"]), str(row["kind"]))
                for row in whole.to_dict("records")
            ]
    if not panels:
        return style.message("No stack with truth is both timed and scored", paths)
    stacks = len(frame.drop_duplicates(["dataset", "scene"]))
    caption = (
        f"Means over {stacks} stack{'s' if stacks > 1 else ''} with truth against the seconds per megapixel and image. The line joins the "
        "methods that no other beats in both; they have a black edge and their names. Triangles at the edge of a panel: methods that lie "
        "beyond it."
    )
    emphasised = means["label"][means["method"].isin(highlighted)].tolist()
    quality_time.draw_panels(panels, "seconds per megapixel and image", paths, caption, emphasised)
