"""What is recorded of the machine and of the command."""

from study.runtime import command_line


def test_a_command_names_no_folder_of_the_machine():
    words = ["/opt/env/bin/snakemake", "--cores", "2", "--configfile", "/home/me/mine.yaml", "config/full.yaml"]
    assert command_line(words) == "snakemake --cores 2 --configfile mine.yaml config/full.yaml"
