"""``python -m methods.gacn train``: exit status and messages."""

import pytest

from methods.gacn.__main__ import main

TINY = {"size": 40, "crop": 32, "batch": 3, "epochs": 1, "held_out": 0.25}


def test_a_training_from_the_shell(coco, tmp_path):
    assigned = [f"{name}={value}" for name, value in TINY.items()]
    assigned += [f"coco_images={coco / 'train2017'}", f"coco_annotations={coco / 'instances.json'}"]
    assert main(["train", "-o", str(tmp_path), "--quiet", "--set", *assigned]) == 0
    assert (tmp_path / "gacn.safetensors").is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--recipe", "none"], "unknown recipe"),
        (["--set", "epochs=0"], "epochs=0: a whole number of at least 1"),
        (["--set", "epochs"], "--set epochs: NAME=VALUE is needed"),
        (["--set", "coco_images=nowhere", "coco_annotations=nowhere.json"], "nowhere.json: no such file"),
        (["--device", "tpu"], "unknown 'tpu'; did you mean cpu"),
    ],
)
def test_wrong_input_is_one_line_and_status_2(tmp_path, capsys, arguments, words):
    assert main(["train", "-o", str(tmp_path / "run"), *arguments]) == 2
    told = capsys.readouterr().err.strip()
    assert words in told and "\n" not in told
