# Figures of single scenes. The wildcard `shown` is DATASET_SCENE: any scene of the run can be asked for.


def sources_shown(wildcards):
    """What the data set of the scene holds."""
    dataset, _ = scene_shown(wildcards)
    return RESULTS.sources(dataset)


def fused_by(figure):
    """What the methods that the figure shows left of the scene's data set."""

    def paths(wildcards):
        dataset, _ = scene_shown(wildcards)
        return [RESULTS.fused(dataset, entry.name) for entry in shown.entries(settings, figure, dataset)]

    return paths


def scene_shown(wildcards):
    """Data set and scene."""
    return shown.find(settings, wildcards.shown)


def window_shown(wildcards):
    """Place of the enlarged crop."""
    return shown.window(settings, *scene_shown(wildcards))


def entries_shown(figure):
    """Methods of the figure as plain values."""

    def entries(wildcards):
        dataset, _ = scene_shown(wildcards)
        return [dict(vars(entry)) for entry in shown.entries(settings, figure, dataset)]

    return entries


rule decision_maps:
    """Decision maps of one scene before and after post-processing."""
    input:
        sources=sources_shown,
        fused=fused_by("decision_maps"),
    output:
        multiext(RESULTS.figure("decision_maps_{shown}"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/decision_maps_{shown}.log",
    wildcard_constraints:
        shown="[^/]+",
    params:
        code=code_of("decision_maps"),
        scene=scene_shown,
        entries=entries_shown("decision_maps"),
    script:
        "../scripts/decision_maps.py"


rule index_maps:
    """Index maps of one stack beside the true one."""
    input:
        sources=sources_shown,
        fused=fused_by("index_maps"),
    output:
        multiext(RESULTS.figure("index_maps_{shown}"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/index_maps_{shown}.log",
    wildcard_constraints:
        shown="[^/]+",
    params:
        code=code_of("index_maps"),
        scene=scene_shown,
        entries=entries_shown("index_maps"),
    script:
        "../scripts/index_maps.py"


rule crops:
    """Enlarged crops of one scene, with differences to the sources."""
    input:
        sources=sources_shown,
        fused=fused_by("crops"),
    output:
        multiext(RESULTS.figure("crops_{shown}"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/crops_{shown}.log",
    wildcard_constraints:
        shown="[^/]+",
    params:
        code=code_of("crops"),
        scene=scene_shown,
        entries=entries_shown("crops"),
        window=window_shown,
    script:
        "../scripts/crops.py"


rule gallery:
    """Results of a chosen row of methods on one scene."""
    input:
        sources=sources_shown,
        fused=fused_by("gallery"),
    output:
        multiext(RESULTS.figure("gallery_{shown}"), ".png", ".pdf", ".txt"),
    log:
        "logs/figures/gallery_{shown}.log",
    wildcard_constraints:
        shown="[^/]+",
    params:
        code=code_of("gallery"),
        scene=scene_shown,
        entries=entries_shown("gallery"),
        window=window_shown,
    script:
        "../scripts/gallery.py"


rule sheets:
    """One comparison sheet per scene of a data set."""
    input:
        sources=RESULTS.sources("{dataset}"),
        fused=of_one(RESULTS.fused),
    output:
        RESULTS.figure("sheets.txt", "{dataset}"),
    log:
        "logs/figures/{dataset}_sheets.log",
    priority: first
    params:
        code=code_of("sheets"),
        entries=entries_of,
    script:
        "../scripts/sheets.py"


for figure in shown.PREFERRED:
    for dataset, scene in shown.chosen(settings, figure):
        if shown.entries(settings, figure, dataset):
            FIGURES.append(RESULTS.figure(f"{figure}_{shown.name_of(dataset, scene)}.png"))

if settings.figures["sheets"]:
    FIGURES += expand(RESULTS.figure("sheets.txt", "{dataset}"), dataset=DATASETS)
