from files import fetch
from study.run import retry, sources, weights


@retry.asked_once
def attempt_at_sources(wildcards):
    """Tries a data set again that was not there and is now; a damaged one is tried again in every run."""
    facts = RESULTS.sources_if_any(wildcards.dataset)
    if facts is None:
        return 1
    folder = settings.folders.get(wildcards.dataset)
    absent = [scene.name for scene in facts.scenes if scene.status == "unavailable"]
    again = (
        facts.status == "failed"
        or (facts.status == "unavailable" and can_be_had(scenes.availability(wildcards.dataset, folder)))
        or any(can_be_had(scenes.load(wildcards.dataset, folder).scene(name).missing()) for name in absent)
    )
    return retry.attempt({"attempt": facts.attempt}, again)


@retry.asked_once
def attempt_at_weights(wildcards):
    """Tries weights again that were not there and are now; damaged ones are tried again in every run."""
    stored = weights.stored(RESULTS.weights(wildcards.method))
    missing = methods.registry.get(wildcards.method).files
    again = stored is not None and (
        stored["status"] == "failed" or (stored["status"] == "unavailable" and can_be_had(fetch.missing(missing)))
    )
    return retry.attempt(stored, again)


def can_be_had(missing):
    """Whether something that was missing is here now, or could be fetched."""
    return not missing or fetch.reachable()


rule sources:
    """Fetch a data set, align its images where that is wanted, and read every scene once."""
    output:
        RESULTS.sources("{dataset}"),
    log:
        "logs/sources/{dataset}.log",
    priority: first
    params:
        code=CODE.of("study.run.sources", "collect"),
        align=lambda wildcards: settings.align.get(wildcards.dataset, ""),
        folder=lambda wildcards: settings.folders.get(wildcards.dataset, ""),
        wanted=lambda wildcards: list(settings.scenes.get(wildcards.dataset, ())),
        # Files of a user's folder, and rows of the catalogue, may be replaced, added and removed under the same name of the data set.
        content=lambda wildcards: sources.fingerprint(wildcards.dataset, settings.folders.get(wildcards.dataset, "")),
        attempt=attempt_at_sources,
    script:
        "../scripts/sources.py"


rule weights:
    """Fetch the weight files that a method declares."""
    output:
        RESULTS.weights("{method}"),
    log:
        "logs/weights/{method}.log",
    priority: 100
    params:
        files=lambda wildcards: list(methods.registry.get(wildcards.method).files),
        attempt=attempt_at_weights,
    script:
        "../scripts/weights.py"
