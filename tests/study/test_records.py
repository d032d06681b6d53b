"""CSV and JSON: equal content in equal bytes."""

import pytest

from study import records


def test_csv_survives_a_round_trip(tmp_path):
    rows = [{"a": 'x "quoted", text', "b": "line\nbreak"}, {"a": "", "b": "ü"}]
    records.write_csv(tmp_path / "x.csv", ("a", "b"), rows)
    assert records.read_csv(tmp_path / "x.csv") == rows
    assert records.read_csv(tmp_path / "none.csv") == []


def test_a_column_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="c"):
        records.write_csv(tmp_path / "x.csv", ("a",), [{"a": 1, "c": 2}])
    assert not (tmp_path / "x.csv").exists()


def test_json_does_not_depend_on_the_order_of_keys(tmp_path):
    records.write_json(tmp_path / "1.json", {"b": 1, "a": [True, None, "ü"]})
    records.write_json(tmp_path / "2.json", {"a": [True, None, "ü"], "b": 1})
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()
    assert records.read_json(tmp_path / "1.json") == {"a": [True, None, "ü"], "b": 1}


def test_equal_parts_have_equal_keys():
    assert records.key("a", {"x": 1, "y": 2}) == records.key("a", {"y": 2, "x": 1})
    assert records.key("a", 1) != records.key("a", 2)
    assert records.sha256("no such file") == ""
