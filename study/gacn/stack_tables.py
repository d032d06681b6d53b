"""Tables of GACN on stacks: time and memory per number of images, where the time goes, quality of both strategies."""

from pathlib import Path

import numpy as np

import metrics
from imaging.files import read_image
from imaging.levels import to_uint8
from study.gacn.time_stacks import CALIBRATED, SERIAL, STAGES, stack_scenes
from study.run.sources import load_described
from study.tables.means_table import GRAY_NOTE, printed

TIME_COLUMNS = ("dataset", "scene", "images", "megapixels")
TIME_COLUMNS += ("serial_s", "serial_min_s", "serial_max_s", "calibrated_s", "calibrated_min_s", "calibrated_max_s")
TIME_COLUMNS += ("reduction_percent", "limit_percent", "serial_peak_mb", "calibrated_peak_mb", "repeats")
TIME_COLUMNS += ("device", "device_name", "threads", "environment", "status", "reason")

#: Metrics that compare the strategies, beside the six: those with a truth.
AGAINST_TRUTH = ("psnr", "ssim", "wrong_pixels", "boundary_error")
QUALITY_COLUMNS = ("dataset", "scene", "images", "metric", "serial", "calibrated", "difference", "reference")
#: Share of the pixels that come from image 2, which the decision volume favours; no metric.
SECOND = "second_image"

#: States of a score row that say why there is no image to compare.
LOST = ("unavailable", "failed", "skipped")

_SIDES = (("serial", SERIAL), ("calibrated", CALIBRATED))


def feature_share(breakdown):
    """Share of the serial strategy's time that computes features and their spatial frequency (NaN when not measured)."""
    seconds = {r["stage"]: float(r["seconds"]) for r in breakdown if r["method"] == SERIAL}
    if not seconds:
        return float("nan")
    return (seconds["features"] + seconds["activity"]) / sum(seconds.values())


def limit(share, count):
    """Largest saving of the calibration, as a share of the serial time.

    It computes the features of n images instead of 2 (n - 1), and saves nothing else.

    Parameters
    ----------
    share : float
        See `feature_share`.
    count : int
        Number n of images.
    """
    return share * (count - 2) / (2 * (count - 1))


def time_rows(timing, breakdown):
    """Rows of the timing table.

    Parameters
    ----------
    timing : list of dict
        `study.records.TIMING` of all data sets.
    breakdown : list of dict
        `study.gacn.time_stacks.BREAKDOWN` of all data sets.

    Returns
    -------
    list of dict
        `TIME_COLUMNS`: medians over the repeats, the saving and its limit in percent, peak memory in MiB.
    """
    rows = []
    for dataset, count in dict.fromkeys((r["dataset"], r["images"]) for r in timing):
        mine = [r for r in timing if (r["dataset"], r["images"]) == (dataset, count)]
        row = {c: mine[0].get(c, "") for c in TIME_COLUMNS}
        lost = [r for r in mine if r["status"] != "ok"]
        if lost:
            rows.append({c: row[c] for c in ("dataset", "scene", "images")} | _why(lost))
            continue
        medians = {}
        for side, name in _SIDES:
            seconds = np.array([float(r["seconds"]) for r in mine if r["method"] == name])
            medians[side] = np.median(seconds)
            row |= {f"{side}_s": f"{medians[side]:.3f}", "repeats": len(seconds)}
            row |= {f"{side}_min_s": f"{seconds.min():.3f}", f"{side}_max_s": f"{seconds.max():.3f}"}
            row[f"{side}_peak_mb"] = f"{max(float(r['peak_memory_mb']) for r in mine if r['method'] == name):.0f}"
        row["reduction_percent"] = f"{100 * (1 - medians['calibrated'] / medians['serial']):.1f}"
        share = feature_share([r for r in breakdown if r["dataset"] == dataset])
        row["limit_percent"] = printed(100 * limit(share, int(count)), 1)
        rows.append(row)
    return rows


def _why(lost):
    return {"status": lost[0]["status"], "reason": lost[0]["reason"]}


def time_markdown(rows, breakdown, labels):
    """The timing tables as Markdown, with the notes that they need.

    Parameters
    ----------
    rows : list of dict
        From `time_rows`, as text.
    breakdown : list of dict
        `study.gacn.time_stacks.BREAKDOWN`.
    labels : mapping
        Data set -> name for people.
    """
    good = [r for r in rows if r["status"] == "ok"]
    lines = ["# GACN on stacks: one by one against calibrated", ""]
    if good:
        lines += ["| Data set | n | one by one s | calibrated s | saved % | at most % | MiB | MiB | runs |"]
        lines += ["| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
        lines[-2] = lines[-2].replace("| MiB | MiB |", "| one by one MiB | calibrated MiB |")
    for r in good:
        cells = [labels.get(r["dataset"], r["dataset"]), r["images"], r["serial_s"], r["calibrated_s"]]
        cells += [r["reduction_percent"], r["limit_percent"] or "–", r["serial_peak_mb"], r["calibrated_peak_mb"]]
        lines.append("| " + " | ".join([*map(str, cells), str(r["repeats"])]) + " |")
    lines.append("")
    for dataset in dict.fromkeys(r["dataset"] for r in breakdown):
        lines += _breakdown_block([r for r in breakdown if r["dataset"] == dataset], labels.get(dataset, dataset))
    lines += [f"- {note}" for note in _time_notes(good, breakdown)]
    for r in rows:
        if r["status"] != "ok":
            what = labels.get(r["dataset"], r["dataset"]) + (f", n = {r['images']}" if r["images"] else "")
            lines.append(f"- Not timed: {what} ({r['reason']}).")
    return "\n".join(lines) + "\n"


def _breakdown_block(parts, label):
    """Where the time goes: seconds and share per stage, both strategies."""
    seconds = {(r["method"], r["stage"]): float(r["seconds"]) for r in parts}
    calls = {(r["method"], r["stage"]): r["calls"] for r in parts}
    totals = {name: sum(v for (m, _), v in seconds.items() if m == name) for _, name in _SIDES}
    lines = [f"Where the time goes, {label}, {parts[0]['images']} images, one run with a clock in every stage:", ""]
    lines += ["| Stage | one by one s | % | calibrated s | % |", "| --- | ---: | ---: | ---: | ---: |"]
    for stage, text in STAGES.items():
        if stage == "features":
            text += f" ({calls[SERIAL, stage]} and {calls[CALIBRATED, stage]} images)"
        cells = [f"{seconds[m, stage]:.2f} | {100 * seconds[m, stage] / totals[m]:.0f}" for _, m in _SIDES]
        lines.append(f"| {text} | " + " | ".join(cells) + " |")
    lines.append("| all | " + " | ".join(f"{totals[m]:.2f} | 100" for _, m in _SIDES) + " |")
    return [*lines, ""]


def _time_notes(good, breakdown):
    notes = [
        "Image files in, arrays out: files are read one at a time while the fusion runs. Both strategies do the same work "
        "in the same code; only step 1 of the one-by-one strategy compares two source images, so nothing else of it can "
        "be kept for later steps. With two images both are the same computation.",
        "Saved: 1 - calibrated / one by one, of the medians. At most: the calibration computes the features of n images "
        "instead of 2 (n - 1); were everything else free of differences, it would save that part of the time which one run "
        "spends there (table below).",
    ]
    share = {d: feature_share([r for r in breakdown if r["dataset"] == d]) for d in _datasets(breakdown)}
    for dataset, value in share.items():
        notes.append(
            f"{dataset}: features and their spatial frequency take {100 * value:.0f} % of the one-by-one time, so the saving "
            f"tends to {50 * value:.0f} % for long stacks. The decision path and the refinement run n - 1 times whatever the "
            "strategy."
        )
    macs = {r["stage"]: float(r["macs_per_pixel"]) for r in breakdown if r["macs_per_pixel"]}
    if macs:
        features, decision = macs["features"], macs["decision"]
        notes.append(
            f"By the convolutions' multiply-adds alone ({features:.0f} per pixel for the features of one image, {decision:.0f} "
            f"for the decision path) the saving could reach {100 * features / (2 * features + decision):.0f} %. A larger one "
            "needs an implementation whose feature path is slow, such as one that sums windows of 11 x 11 by convolution."
        )
    notes += _memory_notes(good)
    for name, threads, versions in dict.fromkeys((r["device_name"], r["threads"], r["environment"]) for r in good):
        notes.append(
            f"Measured on: {name}, {threads} threads, {versions}; the machine does nothing else. Median of the runs."
        )
    return notes


def _memory_notes(good):
    notes = []
    for dataset in _datasets(good):
        mine = sorted(
            (r for r in good if r["dataset"] == dataset and int(r["images"]) > 2), key=lambda r: int(r["images"])
        )
        if len(mine) > 1:
            first, last = mine[0], mine[-1]
            growth = ", ".join(
                f"{word} {first[f'{side}_peak_mb']} to {last[f'{side}_peak_mb']} MiB"
                for side, word in (("serial", "one by one"), ("calibrated", "calibrated"))
            )
            notes.append(
                f"{dataset}: peak memory (each case in a process of its own) from n = {first['images']} to {last['images']}: "
                f"{growth}."
            )
    return notes


def _datasets(rows):
    return list(dict.fromkeys(r["dataset"] for r in rows))


def quality_set(described, scores, fused, folder=None):
    """Rows of the quality table for one data set, from saved scores and index maps.

    Parameters
    ----------
    described : dict
        From `study.run.sources.collect`.
    scores : mapping
        Entry name -> tidy scores (`study.records.SCORES`).
    fused : path-like
        Folder that holds one folder of fused images per entry.
    folder : path-like, optional

    Returns
    -------
    rows : list of dict
        `QUALITY_COLUMNS`, see `quality_rows`.
    missing : list of str
        What could not be compared, and why.
    """
    lost = {(r["scene"], r["status"], r["reason"]) for mine in scores.values() for r in mine if r["status"] in LOST}
    missing = [f"{described['label']}{f', {s}' if s else ''}: {status} ({why})." for s, status, why in sorted(lost)]
    if described["status"] != "ok":
        return [], missing
    if not stack_scenes(described):
        return [], [*missing, f"{described['label']}: no scene of more than two images."]
    truths = {s.name: s.truth() for s in load_described(described, folder).scenes if s.count > 2}
    known = {name: None if truth is None else truth.index_map for name, truth in truths.items()}

    def chosen(entry, scene):
        return index_map(Path(fused) / entry / f"{scene}.map.png")

    return quality_rows(described, scores, chosen, known.get), missing


def quality_rows(described, scores, maps, truth):
    """Rows of the quality table for one data set.

    Parameters
    ----------
    described : dict
        From `study.run.sources.collect`.
    scores : mapping
        Entry name -> tidy scores (`study.records.SCORES`).
    maps : callable
        (entry name, scene) -> index map (H x W) or None.
    truth : callable
        Scene -> true index map or None.

    Returns
    -------
    list of dict
        `QUALITY_COLUMNS`, stacks only; ``difference`` is calibrated minus serial. Under `SECOND` stands the share of the
        pixels taken from image 2, its true share as ``reference``.
    """
    rows = []
    for scene in stack_scenes(described):
        values = {}
        for name, mine in scores.items():
            for r in mine:
                if r["scene"] == scene["name"] and r["status"] == "ok":
                    values[name, r["metric"]] = float(r["value"]), r["reference"]
        base = {"dataset": described["dataset"], "scene": scene["name"], "images": scene["count"]}
        for metric in (*metrics.SIX, *AGAINST_TRUTH):
            both = [values.get((name, metric)) for _, name in _SIDES]
            # PSNR and SSIM against the sources say nothing of a choice between strategies.
            if None in both or (metric in AGAINST_TRUTH and both[0][1] != "truth"):
                continue
            serial, calibrated = (value for value, _ in both)
            rows.append(base | _difference(metric, serial, calibrated) | {"reference": both[0][1]})
        chosen = [maps(name, scene["name"]) for _, name in _SIDES]
        if all(m is not None for m in chosen):
            known = truth(scene["name"])
            shares = [float(np.mean(m == 1)) for m in chosen]
            share = "" if known is None else repr(float(np.mean(known == 1)))
            rows.append(base | _difference(SECOND, *shares) | {"reference": share})
    return rows


def _difference(metric, serial, calibrated):
    return {
        "metric": metric,
        "serial": repr(serial),
        "calibrated": repr(calibrated),
        "difference": repr(calibrated - serial),
    }


def quality_markdown(rows, labels, missing):
    """The quality table as Markdown: means over the stacks of every data set.

    Parameters
    ----------
    rows : list of dict
        From `quality_rows`, of all data sets, as text.
    labels : mapping
        Data set -> name for people.
    missing : list of str
        What could not be compared, and why.
    """
    lines = ["# GACN on stacks: quality of one by one and calibrated", ""]
    if rows:
        lines += ["| Data set | stacks | Metric | one by one | calibrated | difference | better |"]
        lines += ["| --- | ---: | --- | ---: | ---: | ---: | --- |"]
    for dataset in _datasets(rows):
        mine = [r for r in rows if r["dataset"] == dataset]
        for metric in dict.fromkeys(r["metric"] for r in mine if r["metric"] != SECOND):
            lines.append(
                _quality_line(labels.get(dataset, dataset), metric, [r for r in mine if r["metric"] == metric])
            )
    lines += ["", f"- {GRAY_NOTE}", "- Means over the stacks; difference: calibrated minus one by one."]
    lines += [f"- {note}" for note in _second_notes(rows, labels)]
    lines += [f"- {line}" for line in missing]
    return "\n".join(lines) + "\n"


def _quality_line(label, metric, mine):
    declared = metrics.registry.get(metric)
    serial, calibrated = (printed(np.mean([float(r[side]) for r in mine]), declared.digits) for side, _ in _SIDES)
    difference = float(calibrated) - float(serial)
    larger = declared.direction == "larger"
    better = "equal" if not difference else ("calibrated" if (difference > 0) == larger else "one by one")
    text = f"{difference:+.{declared.digits}f}"
    arrow = "↑" if larger else "↓"
    return f"| {label} | {len(mine)} | {declared.label} {arrow} | {serial} | {calibrated} | {text} | {better} |"


def _second_notes(rows, labels):
    """What decides between the strategies: how often image 2 is taken."""
    notes = []
    for r in rows:
        if r["metric"] == SECOND:
            truth = f", truth {100 * float(r['reference']):.0f} %" if r["reference"] else ""
            notes.append(
                f"{labels.get(r['dataset'], r['dataset'])}, {r['scene']} ({r['images']} images), pixels taken from image 2: one by "
                f"one {100 * float(r['serial']):.0f} %, calibrated {100 * float(r['calibrated']):.0f} %{truth}."
            )
    if notes:
        notes.append(
            "Why the calibration favours image 2: every image is compared with image 1 only, and where images 2 and i "
            "are both sharper than image 1 their maps are both 0. The published volume has V_1 = 1 - M_1 for image 2, but "
            "V_i = M_1 / (M_i + 0.0001) (1 - M_i) for the others, which is 0 where M_1 is; so wherever image 2 beats "
            "image 1 clearly it is taken, however sharp the others are; "
            "the result depends on which images come first and second."
        )
    return notes


def index_map(path):
    """Index map (uint8, H x W) of a saved stack fusion, or None when there is none."""
    path = Path(path)
    return to_uint8(read_image(path)) if path.is_file() else None
