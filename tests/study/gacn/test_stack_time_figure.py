"""Figure of the times of stacks."""

from study.gacn import stack_time_figure, stack_time_table


def test_equal_data_gives_equal_bytes(timed, breakdown, twice):
    timing = timed(("d", 2, [1], [1]), ("d", 3, [2], [1.5]), ("e", 65, [9], [7]))
    twice(stack_time_figure.draw, stack_time_table.summary(timing, breakdown))


def test_the_saving_stands_at_stacks_only(timed, breakdown, words, tmp_path):
    timing = timed(("d", 2, [1], [1]), ("d", 3, [2], [1.5]), ("d", 4, [2], [2.5]))
    stack_time_figure.draw(stack_time_table.summary(timing, breakdown), [tmp_path / "a.png"])
    assert [word for word in words if word.endswith(" %")] == ["25 %", "−25 %"]


def test_without_times_the_figure_says_so(timed, breakdown, words, tmp_path):
    stack_time_figure.draw(stack_time_table.summary(timed(), breakdown), [tmp_path / "a.png"])
    assert "nothing was timed" in words[0]
