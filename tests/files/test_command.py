"""Command lines: one line for every error, fixed exit statuses."""

import pytest

from files import command
from files.errors import InputError, Unavailable, Undefined


def _parser(action):
    parser = command.Parser(prog="x")
    parser.add_argument("--n", type=int, default=0)
    parser.set_defaults(run=action)
    return parser


def _raise(error):
    def action(given):
        raise error

    return action


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("wrong\ninput"), 2),
        (Undefined("no value"), 2),
        (Unavailable("no weights"), 3),
        (FileNotFoundError(2, "No such file", "x.png"), 2),
        (RuntimeError("damaged"), 1),
    ],
)
def test_every_error_is_one_line_with_its_status(error, status, capsys):
    assert command.run(_parser(_raise(error)), []) == status
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: ")


def test_a_wrong_command_line_is_bad_input(capsys):
    assert command.run(_parser(lambda given: None), ["--n", "x"]) == 2
    assert "--help" in capsys.readouterr().err


def test_a_command_may_give_its_own_status():
    assert command.run(_parser(lambda given: None), []) == 0
    assert command.run(_parser(lambda given: 5), []) == 5
