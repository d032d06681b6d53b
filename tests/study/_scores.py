"""Made-up scores and descriptions for the tests of tables and statistics."""


def about(dataset, methods, metrics, scenes, **more):
    """An ``about.json``; `methods`: names, or (name, plug-in, options)."""
    entries = []
    for method in methods:
        name, plugin, options = method if isinstance(method, tuple) else (method, method, {})
        entry = {"name": name, "method": plugin, "label": name.upper(), "options": options, "main": True}
        entries.append(entry)
    return {
        "dataset": dataset,
        "label": dataset.title(),
        "note": "",
        "pixels": "2 pairs, PNG",
        "status": "ok",
        "reason": "",
        "scenes": [{"name": s, "status": "ok", "reason": "", "truth": False} for s in scenes],
        "metrics": list(metrics),
        "methods": entries,
    } | more


def rows(dataset, values, scenes, reference="sources"):
    """Tidy scores; `values`: {method: {metric: one number per scene, None where it failed}}."""
    found = []
    for method, by_metric in values.items():
        for metric, numbers in by_metric.items():
            for scene, number in zip(scenes, numbers, strict=True):
                row = {"dataset": dataset, "scene": scene, "method": method, "metric": metric, "reference": reference}
                good = {"value": repr(float(number)), "status": "ok", "reason": ""} if number is not None else {}
                found.append(row | (good or {"value": "", "status": "failed", "reason": "broke"}))
    return found


def names(count):
    """Names of scenes."""
    return [f"s{k:02d}" for k in range(count)]
