from files import catalogue, fetch
from study.run import retry, sources, weights


# They fetch, and the nodes of a cluster often have no network.
localrules:
    sources,
    weights,


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
    return attempt_at_files(RESULTS.weights(wildcards.method), methods.registry.get(wildcards.method).files)


@retry.asked_once
def attempt_at_published_images(wildcards):
    """Tries published images again in the same way."""
    return attempt_at_files(RESULTS.published(wildcards.dataset, wildcards.method), images_of(wildcards))


def attempt_at_files(path, keys):
    """Attempt at files of the catalogue; `path` says how the last one ended."""
    stored = weights.stored(path)
    again = stored is not None and (
        stored["status"] == "failed" or (stored["status"] == "unavailable" and can_be_had(fetch.missing(keys)))
    )
    return retry.attempt(stored, again)


def images_of(wildcards):
    """Catalogue keys of the images that a method's authors published of a data set."""
    collection = methods.registry.module(wildcards.method).collections[wildcards.dataset]
    return [row.key for row in catalogue.rows(collection)]


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


rule published_images:
    """Fetch the images that a method's authors published of one data set."""
    output:
        RESULTS.published("{dataset}", "{method}"),
    log:
        "logs/published/{dataset}/{method}.log",
    priority: 100
    params:
        files=images_of,
        attempt=attempt_at_published_images,
    script:
        "../scripts/published_images.py"
