"""What aligning a stack changes: the calibrated fusion of the images as they are against that of the aligned images."""

import logging
from pathlib import Path

import numpy as np

import methods
import scenes
from files.errors import InputError, Unavailable
from imaging.files import write_image
from imaging.levels import from_levels, to_levels
from scenes import _align
from study import records
from study.gacn.time_stacks import stack_scenes
from study.run.fuse_set import reason_not_to_run
from study.runtime import plain

log = logging.getLogger(__name__)

#: Images that are fused, evenly taken from the stack: enough to show the drift, few enough to be quick.
COUNT = 9


def compare(entry, described, output, *, folder=None, device="cpu", model="similarity"):
    """Fuse some images of the first stack of a data set as they are and aligned.

    Parameters
    ----------
    entry : study.config.Entry
    described : dict
        From `study.run.sources.collect`.
    output : path-like
        Folder for ``before.png``, ``after.png`` (both in the frame of the middle image, cropped alike) and
        ``about.json``.
    folder : path-like, optional
    device : {"cpu", "cuda"}
    model : {"similarity", "homography"}

    Returns
    -------
    dict
        ``status`` and ``reason``; scene, numbers of the images (from 1), and their magnification relative to the
        first one.
    """
    output = Path(output)
    about = {"dataset": described["dataset"], "label": described["label"], "status": "ok", "reason": "", "model": model}
    reason = reason_not_to_run(entry, described) or (
        "" if stack_scenes(described) else "no scene of more than two images"
    )
    if reason:
        about |= {"status": "unavailable", "reason": plain(reason)}
    else:
        try:
            about |= _compare(entry, described, output, folder, device, model)
        except (InputError, Unavailable) as error:
            about |= {"status": "skipped", "reason": plain(error)}
    records.write_json(output / "about.json", about)
    return about


def _compare(entry, described, output, folder, device, model):
    # As they are, whatever the configuration says of the data set.
    scene = scenes.load(described["dataset"], folder=folder).scene(stack_scenes(described)[0]["name"])
    numbers = sorted({round(k) for k in np.linspace(0, scene.count - 1, min(COUNT, scene.count))})
    plain_images = [scene.sources[k] for k in numbers]
    matrices = _align.register(plain_images, model)
    window = _align.common_window(matrices, *scene.shape[:2])
    log.info("aligned %d images, %s", len(numbers), window)

    def fuse(images):
        return methods.fuse(entry.method, images, options=entry.options, device=device).image

    write_image(output / "before.png", fuse(plain_images)[window])
    # Rounded to 8 bit, as aligned images are stored.
    aligned = [
        from_levels(to_levels(_align.warp(image, matrix, window)))
        for image, matrix in zip(plain_images, matrices, strict=True)
    ]
    write_image(output / "after.png", fuse(aligned))
    scales = [float(np.sqrt(np.linalg.det(matrix[:2, :2]))) for matrix in matrices]
    return {
        "scene": scene.name,
        "images": [k + 1 for k in numbers],
        "magnification": [scales[0] / scale for scale in scales],
    }
