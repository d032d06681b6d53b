"""Names of data sets for people."""

import scenes
from study.gacn.labels import label


def test_every_data_set_has_its_name_and_a_folder_its_own():
    assert [label(name) for name in scenes.ids()] == [scenes.load(name).label for name in scenes.ids()]
    assert label("of_mine") == "of_mine"
