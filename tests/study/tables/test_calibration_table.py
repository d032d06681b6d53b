"""The short table of the metrics' calibration."""

import pandas as pd

from study.store import Results, write_frame
from study.tables import calibration_table, writers
from tests.study._latex import problems


def _values():
    base = {"dataset": "color", "image": "1", "method": "gff", "official": "0.5", "ours": "0.5", "reason": ""}
    rows = [
        base | {"metric": "q_mi", "difference": "-2.00e-15", "relative": "3.00e-15"},
        base | {"metric": "q_mi", "difference": "1.00e-15", "relative": "4.00e-15"},
        base | {"metric": "q_y", "difference": "1.00e-04", "relative": "2.00e-04", "reason": "constant windows"},
        base | {"metric": "q_y", "dataset": "grayscale", "difference": "0.00e+00", "relative": "0.00e+00"},
    ]
    return pd.DataFrame(rows)[list(calibration_table.COLUMNS)]


def test_largest_differences_by_size_whatever_their_sign():
    rows = [[cell.text for cell in row] for row in calibration_table.table(_values()).cells()]
    assert rows == [
        ["Q_MI", "color", "2", "2.0e-15", "4.0e-15"],
        ["Q_Y", "color", "1", "1.0e-04", "2.0e-04"],
        ["Q_Y", "grayscale", "1", "0.0e+00", "0.0e+00"],
    ]


def test_reasons_name_their_metrics():
    assert calibration_table.reasons(_values()) == ["Q_Y: constant windows."]


def test_texts_come_from_the_stored_values(tmp_path):
    results = Results(str(tmp_path))
    write_frame(results.table("metric_calibration.csv"), _values())
    written = calibration_table.write(results)
    assert [path.rsplit(".")[-1] for path in written] == ["md", "tex"]
    assert problems(writers.latex(calibration_table.table(calibration_table.read(results)))) == []
