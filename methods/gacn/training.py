"""Training of the network: batches, optimisation, validation, checkpoints, log.

Whatever is random in an epoch comes from generators seeded by the run's seed and the epoch's number, so a run that was
interrupted and resumed gives the same parameters as one that was not.
"""

import csv
import json
import logging
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from files.atomic import atomic, write_text
from files.errors import InputError
from files.machine import device_name, git_state, versions
from methods.gacn import data, synthesis, weights
from methods.gacn.loss import total_loss
from methods.gacn.network import GACN, SLOPE
from methods.gacn.recipe import Recipe

log = logging.getLogger(__name__)


class Diverged(RuntimeError):
    """The loss is no longer a finite number."""


def train(recipe: Recipe, folder: str | Path, device: str = "cpu", progress: bool = True) -> Path:
    """Train a network; continue where an interrupted run of the same recipe in the same folder stopped.

    Before the first epoch every image is read once, so that a wrong one is known before the work starts.

    Parameters
    ----------
    recipe : methods.gacn.recipe.Recipe
    folder : path-like
        Gets ``recipe.json``, ``run.json`` (program, machine and images of every session), ``log.csv`` (a row per
        epoch), ``checkpoint.pt`` (after every epoch) and ``gacn.safetensors`` (parameters of the lowest validation
        loss so far).
    device : {"cpu", "cuda"}
    progress : bool
        Show progress bars.

    Returns
    -------
    pathlib.Path
        ``gacn.safetensors``.

    Raises
    ------
    Diverged
        A loss is not finite; the last checkpoint stays.
    files.errors.InputError
        The folder holds a run of a different recipe or a damaged file, or a training image is unusable; the
        message names the file.
    files.errors.Unavailable
        The training images or the device are missing.
    """
    from methods._common.torch import check_device

    check_device(device)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _claim(folder, recipe)
    training, validation = load_samples(recipe)
    run = _Run(recipe, folder, device, progress)
    log.info("%d training and %d validation images", len(training), len(validation))
    first = run.resume()
    if not first:
        _read_once(training, validation, progress=progress)
    if first < recipe.epochs:
        note_session(folder, {"first_epoch": first + 1, **session(device, len(training), len(validation))})
    with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
        for epoch in range(first, recipe.epochs):
            started = time.monotonic()
            losses = run.fit(training, epoch)
            scores = run.validate(validation)
            if not math.isfinite(scores[0]):
                raise Diverged(
                    f"the validation loss is {scores[0]} after epoch {epoch + 1}: training has diverged; lower "
                    f"learning_rate ({recipe.rate(epoch):g} now); the checkpoint of the epoch before is kept"
                )
            seconds = time.monotonic() - started
            run.record(epoch, losses, scores, seconds)
            log.info(
                "epoch %d of %d: training loss %.4f, validation loss %.4f, %.0f s; about %.0f min left",
                *(epoch + 1, recipe.epochs, losses[0], scores[0], seconds),
                seconds * (recipe.epochs - epoch - 1) / 60,
            )
    return folder / "gacn.safetensors"


def _read_once(*parts: data.Samples, progress: bool) -> None:
    """Read every sample; what cannot be used raises an error that names its file."""
    with _bar("reading the images", sum(map(len, parts)), progress) as bar:
        for samples in parts:
            for number in range(len(samples)):
                samples[number]
                bar.update()


def session(device: str, training: int, validation: int) -> dict[str, Any]:
    """What a start of the training ran with: commit, device, threads, versions, numbers of images."""
    known = versions()
    return {
        **git_state(),
        "device": device,
        "device_name": device_name(device),
        "threads": torch.get_num_threads(),
        "versions": {name: known[name] for name in ("python", "torch", "numpy", "opencv-python-headless")},
        "training_images": training,
        "validation_images": validation,
    }


def note_session(folder: str | Path, facts: Mapping[str, Any]) -> None:
    """Append the facts of a start to ``run.json`` in the folder of a run.

    Raises
    ------
    files.errors.InputError
        The file is damaged.
    """
    path = Path(folder) / "run.json"
    try:
        sessions = json.loads(path.read_text(encoding="utf-8"))["sessions"] if path.is_file() else []
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{path}: damaged; restore it or delete it, which loses the record of earlier starts"
        ) from None
    write_text(path, json.dumps({"sessions": [*sessions, facts]}, indent=1) + "\n")


def load_samples(recipe: Recipe) -> tuple[data.Samples, data.Samples]:
    """Samples for training and for validation.

    Raises
    ------
    files.errors.InputError
        Wrong annotations, or too few images.
    files.errors.Unavailable
        The images are not on this machine.
    """
    selection = data.Selection(recipe.smallest_share, recipe.largest_share, recipe.masks_per_image)
    samples: data.Samples
    if recipe.coco_images:
        samples = data.CocoSamples(recipe.coco_images, recipe.coco_annotations, selection)
    else:
        samples = [s for name in recipe.collections for s in data.from_catalogue(name, selection, recipe.seed)]
    order = np.random.default_rng(recipe.seed).permutation(len(samples))
    held_out = max(round(recipe.held_out * len(samples)), 1)
    if len(samples) <= held_out:
        raise InputError(
            f"{recipe.coco_annotations or ', '.join(recipe.collections)}: {len(samples)} images with objects of a suitable "
            f"size, of which held_out={recipe.held_out:g} holds out {held_out}; none are left to train on"
        )
    return _Subset(samples, order[held_out:]), _Subset(samples, order[:held_out])


class _Subset:
    def __init__(self, samples: data.Samples, indices: NDArray[np.int64]) -> None:
        self.samples, self.indices = samples, indices

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> data.Sample:
        return self.samples[int(self.indices[index])]


def training_batch(
    samples: data.Samples,
    indices: Sequence[int],
    recipe: Recipe,
    generator: torch.Generator,
    finishing: bool = False,
) -> synthesis.Pair:
    """A batch of training pairs with all augmentation.

    Parameters
    ----------
    samples : sequence of methods.gacn.data.Sample
    indices : sequence of int
    recipe : Recipe
    generator : torch.Generator
    finishing : bool
        As in the finishing epochs (`Recipe.finishing_share`).

    Returns
    -------
    methods.gacn.synthesis.Pair
    """
    planes = [_augmented(samples[index], recipe, generator) for index in indices]
    pair = _synthesise(planes, recipe, generator, framed=finishing)
    pair = synthesis.offset(pair, generator, recipe.largest_offset, recipe.offset_probability)
    pair = synthesis.trim(pair, recipe.margin)
    pair = synthesis.noise(pair, generator, recipe.noise)
    if finishing:
        deviation = recipe.finishing_noise * torch.rand((), generator=generator).item()
        pair = synthesis.own_noise(pair, generator, deviation)
    if recipe.quantise:
        pair = synthesis.quantise(pair)
    return synthesis.swap(pair, generator)


def validation_batches(samples: data.Samples, recipe: Recipe) -> list[synthesis.Pair]:
    """Pairs of the held-out images, the same in every epoch: full size or central crop, no augmentation."""
    generator = torch.Generator().manual_seed(recipe.seed)
    planes = [_prepared(samples[number], recipe, mask=0) for number in range(len(samples))]
    if not recipe.size:
        side = _side(recipe)
        planes = [(_central(image, side), _central(mask, side)) for image, mask in planes]
    groups = [planes[start : start + recipe.batch] for start in range(0, len(planes), recipe.batch)]
    return [synthesis.trim(_synthesise(group, recipe, generator), recipe.margin) for group in groups]


#: Gray image and mask of a sample, float32 H x W in [0, 1].
_Planes = Sequence[NDArray[np.float32]]


def _synthesise(
    planes: Iterable[_Planes], recipe: Recipe, generator: torch.Generator, framed: bool = False
) -> synthesis.Pair:
    image, mask = (torch.from_numpy(np.stack(arrays))[:, None] for arrays in zip(*planes, strict=True))
    low, high = recipe.smallest_radius, recipe.largest_radius
    if recipe.blur == "gaussian":
        return synthesis.gaussian_pair(image, mask, int(torch.randint(low, high + 1, (), generator=generator)))
    draw = torch.rand(5, generator=generator).tolist()
    radii = [low + (high - low) * value for value in draw[:2]]
    mask = 1 - mask if draw[2] < recipe.mirrored_share else mask
    if draw[3] < recipe.published_share:
        if framed:
            return synthesis.framed_pair(image, mask, round(radii[0]), recipe.margin)
        return synthesis.gaussian_pair(image, mask, round(radii[0]))
    spread = synthesis.gaussian_kernel if draw[4] < recipe.gaussian_share else synthesis.disc_kernel
    # Drawn only where it is used, so that recipes without it draw what they always drew.
    if recipe.neighbour_share and torch.rand((), generator=generator).item() < recipe.neighbour_share:
        shares = torch.rand(2, generator=generator).tolist()
        near, far = (radius * share for radius, share in zip(radii, shares, strict=True))
        return synthesis.neighbour_pair(image, mask, (near, radii[0]), (radii[1], far), spread)
    return synthesis.layered_pair(image, mask, radii[0], radii[1], spread)


def _side(recipe: Recipe) -> int:
    """Side of what is cut out of an image: the crop with its margins."""
    return recipe.crop + 2 * recipe.margin


def _prepared(sample: data.Sample, recipe: Recipe, mask: int) -> _Planes:
    """Image and one mask in the size of the recipe; a short side is mirrored up to the crop's."""
    import cv2

    planes = [sample.image, sample.masks[mask].astype(np.uint8) * 255]
    if recipe.size:
        planes = [np.asarray(cv2.resize(plane, (recipe.size, recipe.size)), np.uint8) for plane in planes]
    lacking = [(0, max(_side(recipe) - side, 0)) for side in planes[0].shape]
    image, chosen = (np.pad(plane, lacking, mode="symmetric") for plane in planes)
    return image.astype(np.float32) / np.float32(255), (chosen > 127).astype(np.float32)


def _central(plane: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    top, left = ((length - side) // 2 for length in plane.shape)
    return plane[top : top + side, left : left + side]


def _augmented(sample: data.Sample, recipe: Recipe, generator: torch.Generator) -> _Planes:
    """Image and mask of a sample after random choice of the mask, crop, flips and rotation."""

    def draw(count: int) -> int:
        return int(torch.randint(count, (), generator=generator))

    planes = _prepared(sample, recipe, draw(len(sample.masks)))
    side = _side(recipe)
    top, left = (draw(length - side + 1) for length in planes[0].shape)
    across, down, quarter = draw(2), draw(2), draw(12)
    result = []
    for plane in planes:
        plane = plane[top : top + side, left : left + side]
        plane = plane[:, ::-1] if across else plane
        plane = plane[::-1] if down else plane
        if recipe.rotate:
            plane = np.asarray(Image.fromarray(np.ascontiguousarray(plane)).rotate(30 * quarter))
        result.append(np.array(plane))
    return result


class _Run:
    """State of a training run."""

    def __init__(self, recipe: Recipe, folder: Path, device: str, progress: bool) -> None:
        self.recipe, self.folder, self.device, self.progress = recipe, folder, device, progress
        torch.manual_seed(recipe.seed)
        self.network = GACN(recipe.architecture())
        if recipe.start:
            self._start(recipe.start)
        self.network.to(device)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=recipe.learning_rate)
        self.best = math.inf
        self.rows: list[dict[str, float]] = []
        self.validation: list[synthesis.Pair] | None = None

    def _start(self, start: str) -> None:
        """Take over trained parameters."""
        trained = weights.load(start)
        if trained.architecture != self.network.architecture:
            raise InputError(
                f"start={start}: parameters of another architecture ({trained.architecture}); the recipe has "
                f"{self.network.architecture}"
            )
        self.network.load_state_dict(trained.state_dict())

    def resume(self) -> int:
        """Number of the next epoch, after restoring the last checkpoint if there is one.

        Raises
        ------
        files.errors.InputError
            The checkpoint is damaged, or the parameters that belong to it are missing.
        """
        path = self.folder / "checkpoint.pt"
        if not path.is_file():
            return 0
        try:
            state = torch.load(path, weights_only=True, map_location=self.device)
            self.network.load_state_dict(state["network"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.best, self.rows = state["best"], state["rows"]
        # torch has no error of its own for a damaged file; what it raises depends on where the damage is.
        except Exception as error:
            words = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(
                f"{path}: cannot be read as a checkpoint of this training ({words}); restore it from a copy, or delete it to start over"
            ) from error
        if not (self.folder / "gacn.safetensors").is_file():
            raise InputError(
                f"{self.folder / 'gacn.safetensors'}: missing beside a checkpoint of {len(self.rows)} epochs; restore it from a "
                "copy, or delete checkpoint.pt to start over"
            )
        log.info("continuing after epoch %d", len(self.rows))
        return len(self.rows)

    def fit(self, samples: data.Samples, epoch: int) -> list[float]:
        """One epoch of optimisation; means of total, dice and gradient loss."""
        recipe = self.recipe
        generator = torch.Generator().manual_seed(recipe.seed * 100_003 + epoch)
        orders = [torch.randperm(len(samples), generator=generator) for _ in range(recipe.passes)]
        batches = torch.cat(orders).split(recipe.batch)
        for group in self.optimiser.param_groups:
            group["lr"] = recipe.rate(epoch)
        self.network.comparison_slope, self.network.decision_slope = recipe.slopes(epoch)
        self.network.train()
        finishing = epoch >= recipe.first_finishing()
        if finishing:
            if epoch == recipe.first_finishing():
                self._measure_statistics(samples)
            for norm in self._norms():
                norm.eval()
        sums = torch.zeros(3, dtype=torch.float64)
        with _bar(f"epoch {epoch + 1}/{recipe.epochs}", len(batches), self.progress) as bar:
            for number, indices in enumerate(batches, start=1):
                batch = training_batch(samples, indices.tolist(), recipe, generator, finishing)
                losses = self._losses(batch)
                if not all(map(torch.isfinite, losses)):
                    raise Diverged(
                        f"the loss is {losses[0].item()} in epoch {epoch + 1}, batch {number}: training has diverged; "
                        f"lower learning_rate ({recipe.rate(epoch):g} now) or look at the training images; "
                        "the checkpoint of the last whole epoch is kept"
                    )
                self.optimiser.zero_grad()
                losses[0].backward()
                self.optimiser.step()
                sums += torch.stack([value.detach().double().cpu() for value in losses])
                means = (sums / number).tolist()
                bar.set_postfix_str(f"loss {means[0]:.4f} (dice {means[1]:.4f}, gradient {means[2]:.4f})")
                bar.update()
        return means

    def _norms(self) -> list[torch.nn.BatchNorm2d]:
        return [module for module in self.network.modules() if isinstance(module, torch.nn.BatchNorm2d)]

    def _measure_statistics(self, samples: data.Samples) -> None:
        """Statistics of batch normalisation: their means over one pass, instead of mostly those of the last batches."""
        recipe = self.recipe
        generator = torch.Generator().manual_seed(recipe.seed)
        momenta = [norm.momentum for norm in self._norms()]
        for norm in self._norms():
            norm.reset_running_stats()
            norm.momentum = None  # torch: the cumulative mean
        with torch.no_grad():
            for indices in torch.randperm(len(samples), generator=generator).split(recipe.batch):
                self._losses(training_batch(samples, indices.tolist(), recipe, generator, finishing=True))
        for norm, momentum in zip(self._norms(), momenta, strict=True):
            norm.momentum = momentum

    def validate(self, samples: data.Samples) -> list[float]:
        """Total, dice and gradient loss per held-out image."""
        if self.validation is None:
            self.validation = validation_batches(samples, self.recipe)
        # Judged as it will be used, whatever the slopes of this epoch's training.
        self.network.comparison_slope = self.network.decision_slope = SLOPE
        self.network.eval()
        sums = torch.zeros(3, dtype=torch.float64)
        with torch.inference_mode():
            for pair in self.validation:
                sums += torch.stack([value.double().cpu() for value in self._losses(pair)]) * len(pair.truth)
        return (sums / len(samples)).tolist()

    def record(self, epoch: int, losses: Sequence[float], scores: Sequence[float], seconds: float) -> None:
        """Log, checkpoint, and the parameters when they are the best so far."""
        names = ("total", "dice", "gradient")
        row = {"epoch": epoch + 1, "learning_rate": self.recipe.rate(epoch)}
        row.update(zip((f"train_{name}" for name in names), losses, strict=True))
        row.update(zip((f"validation_{name}" for name in names), scores, strict=True))
        self.rows.append({**row, "seconds": round(seconds, 2)})
        if scores[0] < self.best:
            self.best = scores[0]
            weights.write(self.folder / "gacn.safetensors", self.network, recipe=json.dumps(asdict(self.recipe)))
        with atomic(self.folder / "log.csv") as temporary, open(temporary, "w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, self.rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)
        with atomic(self.folder / "checkpoint.pt") as temporary:
            state = {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict()}
            torch.save({**state, "best": self.best, "rows": self.rows}, temporary)

    def _losses(self, pair: synthesis.Pair) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        first, second, truth = (planes.to(self.device) for planes in (pair.first, pair.second, pair.truth))
        decision, refined = self.network(first, second)
        return total_loss(decision, refined, first, second, truth, self.recipe.gradient_weight)


def _bar(label: str, total: int, progress: bool) -> Any:
    from tqdm import tqdm

    return tqdm(total=total, desc=label, disable=None if progress else True)


def _claim(folder: Path, recipe: Recipe) -> None:
    """Write the recipe into a new folder, or make sure that the folder's run has the same."""
    path = folder / "recipe.json"
    text = json.dumps(asdict(recipe), indent=1) + "\n"
    if not path.exists():
        write_text(path, text)
    elif path.read_text(encoding="utf-8") != text:
        raise InputError(
            f"{path}: this folder holds a run of a different recipe; choose another folder (or name of the run)"
        )
