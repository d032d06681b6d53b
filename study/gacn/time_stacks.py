"""GACN on stacks: time and memory of one-by-one fusion and of decision calibration, against the number of images."""

import contextlib
import copy
import logging
import multiprocessing
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import methods
from files.errors import InputError, Unavailable
from imaging.files import ImageSequence
from study.config import Entry, forecast
from study.run.fuse_set import reason_not_to_run
from study.run.sources import load_described
from study.runtime import device_name, environment, limit_threads, peak_memory_mb, plain

log = logging.getLogger(__name__)

#: The two strategies by the names of their results. A variant of the configuration may take the place of either.
ENTRIES = {
    name: Entry(name, "gacn", f"GACN, {label}", {"strategy": strategy})
    for name, label, strategy in (
        ("gacn_serial", "one by one", "serial"),
        ("gacn_calibrated", "calibrated", "calibrated"),
    )
}
SERIAL, CALIBRATED = ENTRIES

#: What the time of a fusion goes into, in the order of the work.
STAGES = {
    "reading": "reading and decoding",
    "features": "features",
    "activity": "spatial frequency of the features",
    "decision": "comparison and decision path",
    "refinement": "boundary-guided refinement",
    "update": "gray image, and blending or decision volume",
}
BREAKDOWN = ("dataset", "scene", "method", "images", "stage", "seconds", "calls", "macs_per_pixel")


def stack_scenes(described):
    """Scenes of a described data set that could be read and have more than two images (list of dict)."""
    return [s for s in described["scenes"] if s["status"] == "ok" and s["count"] > 2]


def repeats_within(seconds, forecasted, repeats):
    """How often a case is run: `repeats` times, or as often as its forecast fits into `seconds`, but at least once."""
    return max(1, min(repeats, int(seconds // forecasted)))


def time_stacks(entries, described, counts, *, folder=None, device="cpu", repeats=3, seconds=100.0, threads=2):
    """Time both strategies on the first images of the first stack of a data set.

    What a user waits for is measured: files in, array out, since the images of a long stack are read one at a time. Each
    case has a process of its own, whose peak memory is the case's. The strategies take turns, so that a slower minute
    of the machine meets both. A fusion of the first two images, not counted, loads weights and compiles kernels.

    Parameters
    ----------
    entries : mapping
        Name -> `study.config.Entry` of the strategies.
    described : dict
        From `study.run.sources.collect`.
    counts : sequence of int
        Numbers of images.
    folder : path-like, optional
    device : {"cpu", "cuda"}
    repeats, threads : int
    seconds : float
        See `repeats_within`.

    Returns
    -------
    timing : list of dict
        `study.records.TIMING`, one row per repeat.
    breakdown : list of dict
        `BREAKDOWN`: where the time of one more run goes, at the least of the counts that makes a stack.
    """
    base = {"dataset": described["dataset"]}
    reason = next(filter(None, (reason_not_to_run(entry, described) for entry in entries.values())), "")
    found = stack_scenes(described)
    if not reason and not found:
        reason = "no scene of more than two images"
    if reason:
        lost = base | {"images": "", "status": "unavailable", "reason": plain(reason)}
        return [lost | {"method": e.name, "label": e.label} for e in entries.values()], []
    facts = found[0]
    scene = load_described(described, folder).scene(facts["name"])
    base |= {"scene": scene.name, "device": device, "device_name": device_name(device), "threads": threads}
    base |= {"environment": environment(), "megapixels": round(facts["height"] * facts["width"] / 1e6, 4)}
    timing, breakdown = [], []
    for count in sorted(counts):
        case = base | {"images": count}
        if count > facts["count"]:
            text = f"the stack has {facts['count']} images"
            timing += [
                case | {"method": e.name, "label": e.label, "status": "skipped", "reason": text}
                for e in entries.values()
            ]
            continue
        paths = scene.sources.paths[:count]
        forecasted = forecast(entries[CALIBRATED].declared, [(facts["height"], facts["width"], count)])
        detailed = count > 2 and not breakdown
        rows, parts = _time_case(
            entries, paths, case, device, threads, repeats_within(seconds, forecasted, repeats), detailed
        )
        timing += rows
        breakdown += parts
    return timing, breakdown


def _time_case(entries, paths, case, device, threads, repeats, detailed):
    """Rows of one number of images; with `detailed`, also where the time goes."""
    spawn = multiprocessing.get_context("spawn")
    rows, breakdown = [], []
    with contextlib.ExitStack() as stack:
        workers = {
            name: stack.enter_context(
                ProcessPoolExecutor(1, mp_context=spawn, initializer=limit_threads, initargs=(threads,))
            )
            for name in entries
        }
        try:
            for name, entry in entries.items():
                workers[name].submit(fuse_once, entry, paths[:2], device).result()
            for repeat in range(1, repeats + 1):
                for name, entry in entries.items():
                    elapsed, memory = workers[name].submit(fuse_once, entry, paths, device).result()
                    log.info("%s, %d images, repeat %d: %.2f s", name, len(paths), repeat, elapsed)
                    measured = {"repeat": repeat, "seconds": f"{elapsed:.4f}", "peak_memory_mb": f"{memory:.0f}"}
                    rows.append(case | measured | {"method": name, "label": entry.label, "warm": "yes", "status": "ok"})
            for name, entry in entries.items() if detailed else ():
                parts = workers[name].submit(stage_times, entry, paths, device).result()
                known = {"dataset": case["dataset"], "scene": case["scene"], "images": len(paths), "method": name}
                breakdown += [known | part for part in parts]
        except (Unavailable, InputError) as error:
            rows += [
                case | {"method": e.name, "label": e.label, "status": "skipped", "reason": plain(error)}
                for e in entries.values()
            ]
        except Exception as error:
            # Also a process that was killed for its memory: the other cases must not suffer.
            log.exception("%d images of %s", len(paths), case["dataset"])
            text = plain(f"{type(error).__name__}: {error}")
            rows += [
                case | {"method": e.name, "label": e.label, "status": "failed", "reason": text}
                for e in entries.values()
            ]
    return rows, breakdown


def fuse_once(entry, paths, device):
    """Seconds of one fusion of image files, and the largest memory of this process (CPU) or the allocator (CUDA), in MiB."""
    images = ImageSequence(paths)
    clock = Clock(device)
    with clock("all"):
        methods.fuse(entry.method, images, options=entry.options, device=device)
    if device == "cuda":
        import torch

        return clock.seconds["all"], torch.cuda.max_memory_allocated() / 2**20
    return clock.seconds["all"], peak_memory_mb()


class Clock:
    """Adds up the time spent in named stages; time goes to the innermost one that is open.

    Parameters
    ----------
    device : {"cpu", "cuda"}
        CUDA is synchronised before each reading.
    """

    def __init__(self, device):
        self.device = device
        self.seconds, self.calls = Counter(), Counter()
        self._open = []
        self._since = 0.0

    def _read(self):
        if self.device == "cuda":
            import torch

            torch.cuda.synchronize()
        now = time.perf_counter()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now

    @contextlib.contextmanager
    def __call__(self, stage):
        """Context manager: what happens inside belongs to `stage`."""
        self._read()
        self._open.append(stage)
        self.calls[stage] += 1
        try:
            yield
        finally:
            self._read()
            self._open.pop()

    def timed(self, stage, function):
        """The function, its time counted as `stage`."""

        def run(*arguments, **named):
            with self(stage):
                return function(*arguments, **named)

        return run


class _ClockedImages:
    """A lazy sequence whose reading is counted."""

    def __init__(self, images, clock):
        self.images, self.clock = images, clock

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        with self.clock("reading"):
            return self.images[index]


def stage_times(entry, paths, device):
    """Where the time of a fusion goes.

    Parameters
    ----------
    entry : study.config.Entry
        Of the method ``gacn``.
    paths : sequence of path-like
        More than two images.
    device : {"cpu", "cuda"}

    Returns
    -------
    list of dict
        Per stage: ``seconds``, ``calls`` (of features: images whose features were computed), and multiply-adds per pixel
        and call of its convolutions.
    """
    from methods.gacn import fusion, weights
    from methods.gacn.inference import Inference

    settings = entry.declared.settings(entry.options)
    clock = Clock(device)
    network = copy.deepcopy(weights.load(settings["weights"], device))
    macs = {
        "features": sum(block.conv.weight.numel() for block in network.features),
        "decision": sum(p.numel() for name, p in network.named_parameters() if _is_decision_kernel(name, p)),
    }
    inference = Inference(network)
    network.activity = clock.timed("activity", network.activity)
    # The feature path has no public face of its own: `decide` and `activity` run it for the image they are given.
    inference._features = clock.timed("features", inference._features)
    inference.activity = clock.timed("activity", inference.activity)
    inference.decide = clock.timed("decision", inference.decide)
    inference.refine = clock.timed("refinement", inference.refine)
    fuse = fusion.fuse_serial if settings["strategy"] == "serial" else fusion.fuse_calibrated
    with clock("update"):
        fuse(inference, _ClockedImages(ImageSequence(paths), clock))
    return [
        {"stage": s, "seconds": f"{clock.seconds[s]:.4f}", "calls": clock.calls[s], "macs_per_pixel": macs.get(s, "")}
        for s in STAGES
    ]


def _is_decision_kernel(name, parameter):
    return name.startswith(("decision", "spatial_attention")) and parameter.ndim == 4
