"""Which metrics can be trusted, and the leader board by the truth: the sentences follow the tables."""

import pandas as pd
import pytest

from study.findings import trust
from study.store import About, Results, write_frame
from study.tables import metric_behaviour_table, metric_trust_table, metric_truth_table, real_calibration_table
from study.tables import truth_ranks_table as ranks


@pytest.fixture
def results(tmp_path):
    """A folder of results without any table."""
    return Results(str(tmp_path))


def _store(results, name, columns, rows):
    frame = pd.DataFrame([{column: row.get(column, "") for column in columns} for row in rows])
    write_frame(results.table(name), frame)


def _trust(results, **of_viff):
    """Q_MI fails everything; VIFF passes but for what is given."""
    good = {"metric": "viff", "trusted": "yes", "all": 0.8, "maps": 0.7, "leading": 0.6, "unfused": 0.0, "average": 0.0}
    good |= {"noise": -1.0, "jpeg": -1.0, "shift": -1.0, "sharpening": -1.0, "all_set": "Toy", "sets": 2} | of_viff
    bad = good | {"metric": "q_mi", "trusted": "no", "all": 0.1, "maps": -0.2, "leading": 0.0, "unfused": 1.0}
    bad |= {"average": 0.2, "noise": 0.5}
    _store(results, "metric_trust.csv", metric_trust_table.COLUMNS, [good, bad])
    row = {"dataset": "toy", "label": "Toy", "scenes": 8, "methods": 9, "certain": 0.75}
    rows = [row | {"metric": "viff", "needed": 5.0}, row | {"metric": "q_mi", "needed": 90.0, "certain": 0.25}]
    _store(results, "metric_behaviour.csv", metric_behaviour_table.COLUMNS, rows)


def test_every_question_has_its_metrics(results):
    _trust(results)
    found = trust.trust(results)
    assert (found.metrics, found.trusted, found.sets) == (2, ["VIFF"], ["Toy (8)"])
    assert found.groups == {
        k: [("VIFF", rho, 2)] for k, rho in (("all", "0.80"), ("maps", "0.70"), ("leading", "0.60"))
    }
    assert found.unfused == ["Q_MI (100 %)"] and found.average == ["Q_MI (20 %)"]
    assert found.rewarded == ["Q_MI (noise +0.5)"]
    assert found.certain == ("25 %", "75 %") and found.enough == ["VIFF on Toy"]


def test_where_none_passes_the_nearest_is_named(results):
    _trust(results, all=0.4)
    found = trust.trust(results)
    assert found.groups["all"] == []
    assert found.best["all"] == ("VIFF", "0.40", "Toy")


def test_without_a_measurement_there_is_no_answer(results):
    assert trust.trust(results) is None and trust.board(results) is None and trust.orders(results) == []


def test_long_orders_show_both_ends(results):
    ids = ["q_mi", "q_g", "q_m", "q_p", "q_y", "q_cb", "q_e", "q_cv", "viff", "scd"]
    row = {"dataset": "toy", "label": "Toy", "comparison": "psnr_all", "scenes": 8, "methods": 9}
    rows = [row | {"metric": name, "spearman": f"{k / 10:.3f}"} for k, name in enumerate(ids)]
    _store(results, "metric_truth.csv", metric_truth_table.COLUMNS, rows)
    (order,) = trust.orders(results)
    assert order.best[0] == ("SCD", "0.900") and order.worst[-1] == ("Q_MI", "0.000")
    assert len(order.best) + len(order.worst) == sum(trust.ENDS) < len(ids)


def _board(results):
    results.write_about(About("toy", "Toy"))
    names = ["lp", "gff", "dsift", "ifm", "gacn"]
    rows = [
        {"method": m, "label": m.upper(), "kind": "spatial" if m == "dsift" else "learned", "scenes": 9, "place": k, "place_six": 6 - k}
        | {"moves": 6 - 2 * k, "rank": k, "rank_six": 6 - k, "rank_psnr": k, f"{ranks.PLACE_ON}toy": k, ranks.PLACE_PUBLISHED: {"lp": 20, "dsift": 1}.get(m, "")}
        for k, m in enumerate(names, start=1)
    ]  # fmt: skip
    _store(results, "truth_ranks.csv", (*ranks.COLUMNS, f"{ranks.PLACE_ON}toy", ranks.PLACE_PUBLISHED), rows)
    _store(results, ranks.PUBLISHED, ranks.PLACES, [{"method": "dsift", "name": "DSIFT", "place": 1, "of": 2}] * 2)
    return trust.board(results)


def test_who_moves_is_named_from_both_ends(results):
    found = _board(results)
    assert found.agreement == pytest.approx(-1)
    assert [(m.label, m.place_six, m.place) for m in found.up] == [("LP", 5, 1), ("GFF", 4, 2)]
    assert [m.label for m in found.down] == ["GACN", "IFM"]
    assert found.families["spatial"] == 0
    assert found.mapped == {"without": 0}


def test_the_two_questioned_methods_stand_side_by_side_on_every_truth_set(results):
    assert [(h.label, h.first, h.second, h.second_ahead) for h in _board(results).held] == [("Toy", 3, 1, True)]


def test_places_in_the_published_scores_are_compared_among_shared_methods(results):
    _store(
        results,
        "real_calibration.csv",
        real_calibration_table.COLUMNS,
        [{"image": "x", "method": "lp", "label": "LP", "metric": "q_g", "relative": 0.1, "spreads": 1.0}],
    )
    found = _board(results)
    dsift, lp = found.questioned
    assert (dsift.published, dsift.ours_shared, dsift.published_shared, dsift.image) == (1, 2, 1, "")
    assert (lp.ours_shared, lp.published_shared, lp.image) == (1, 2, "another")
    assert found.compared == {"another": ["LP"]}
