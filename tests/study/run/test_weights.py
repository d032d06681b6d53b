"""Weight files: fetched, or said why not."""

from study import records
from study.run import weights


def test_files_that_are_here(mirror, monkeypatch, tmp_path):
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path))
    found = weights.collect("gacn", ["gacn/GACN.pkl"], attempt=2)
    assert found == {"method": "gacn", "status": "ok", "attempt": 2, "files": {"gacn/GACN.pkl": ""}}


def test_files_that_cannot_be_had(monkeypatch, tmp_path):
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("FOCUSBENCH_MIRROR", raising=False)
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    found = weights.collect("gacn", ["gacn/GACN.pkl"])
    assert found["status"] == "unavailable"
    assert "fetch gacn" in found["files"]["gacn/GACN.pkl"]
    assert weights.stored(str(tmp_path / "none.json")) is None
    records.write_json(tmp_path / "x.json", found)
    assert weights.stored(str(tmp_path / "x.json")) == found


def test_a_damaged_file_is_a_failure(mirror, monkeypatch, tmp_path):
    from files import catalogue

    row = catalogue.find("gacn/GACN.pkl")
    wrong = tmp_path / "mirror" / row.location
    wrong.parent.mkdir(parents=True)
    wrong.write_bytes(b"other")
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FOCUSBENCH_MIRROR", str(tmp_path / "mirror"))
    found = weights.collect("gacn", ["gacn/GACN.pkl"])
    assert found["status"] == "failed"
    assert row.sha256 in found["files"]["gacn/GACN.pkl"]
