"""Names of data sets for people, known without their images."""

import scenes


def label(dataset: str) -> str:
    """Name of a data set for people; a user's folder is called by its own name."""
    return scenes.load(dataset).label if dataset in scenes.ids() else dataset
