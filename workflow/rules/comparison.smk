rule decision_maps:
    """Decision maps of one scene before and after post-processing."""
    input:
        sources=lambda w: f"results/sources/{dataset_shown(w)}.json",
        statuses=lambda w: expand(
            "results/fused/{dataset}/{method}.csv",
            dataset=dataset_shown(w),
            method=methods_shown("decision_maps"),
        ),
    output:
        png=report(
            "results/figures/decision_maps_{shown}.png",
            category="Figures",
            caption="../report/comparison.rst",
        ),
        pdf="results/figures/decision_maps_{shown}.pdf",
    log:
        "logs/figures/decision_maps_{shown}.log",
    wildcard_constraints:
        shown="[^/]+",
    params:
        figure="decision_maps",
        dataset=dataset_shown,
        scene=lambda w: shown.find(settings, w.shown)[1],
        entries=[
            vars(settings.entries[name]) for name in methods_shown("decision_maps")
        ],
        folder=lambda w: settings.folders.get(dataset_shown(w), ""),
        given=lambda w: settings.figures["windows"].get(
            "/".join(shown.find(settings, w.shown)), []
        ),
    script:
        "../scripts/comparison.py"


use rule decision_maps as crops with:
    input:
        sources=lambda w: f"results/sources/{dataset_shown(w)}.json",
        statuses=lambda w: expand(
            "results/fused/{dataset}/{method}.csv",
            dataset=dataset_shown(w),
            method=methods_shown("crops"),
        ),
    output:
        png=report(
            "results/figures/crops_{shown}.png",
            category="Figures",
            caption="../report/comparison.rst",
        ),
        pdf="results/figures/crops_{shown}.pdf",
    log:
        "logs/figures/crops_{shown}.log",
    params:
        figure="crops",
        dataset=dataset_shown,
        scene=lambda w: shown.find(settings, w.shown)[1],
        entries=[vars(settings.entries[name]) for name in methods_shown("crops")],
        folder=lambda w: settings.folders.get(dataset_shown(w), ""),
        given=lambda w: settings.figures["windows"].get(
            "/".join(shown.find(settings, w.shown)), []
        ),


use rule decision_maps as gallery with:
    input:
        sources=lambda w: f"results/sources/{dataset_shown(w)}.json",
        statuses=lambda w: expand(
            "results/fused/{dataset}/{method}.csv",
            dataset=dataset_shown(w),
            method=methods_shown("gallery"),
        ),
    output:
        png=report(
            "results/figures/gallery_{shown}.png",
            category="Figures",
            caption="../report/comparison.rst",
        ),
        pdf="results/figures/gallery_{shown}.pdf",
    log:
        "logs/figures/gallery_{shown}.log",
    params:
        figure="gallery",
        dataset=dataset_shown,
        scene=lambda w: shown.find(settings, w.shown)[1],
        entries=[vars(settings.entries[name]) for name in methods_shown("gallery")],
        folder=lambda w: settings.folders.get(dataset_shown(w), ""),
        given=lambda w: settings.figures["windows"].get(
            "/".join(shown.find(settings, w.shown)), []
        ),


COMPARISONS = [
    f"results/figures/{figure}_{dataset}_{scene}.png"
    for figure in ("decision_maps", "crops", "gallery")
    if methods_shown(figure)
    for dataset, scene in shown.chosen(settings, figure)
]
