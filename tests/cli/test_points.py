"""Points as words of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maskwright.cli.points import parse_points, repeat_options
from maskwright.errors import PromptError

numbers = st.floats(allow_nan=False, allow_infinity=False)
points = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6)


@given(points, points)
def test_spaced_and_repeated_options_mean_the_same(first: list[tuple[float, float]], second: list[tuple[float, float]]) -> None:
    words = [f"{x!r},{y!r}" for x, y in first]
    more = [f"{x!r},{y!r}" for x, y in second]
    spaced = repeat_options(["cat.jpg", "--points", *words, "--boundary", *more], ["--points", "--boundary"])
    expected = ["cat.jpg"]
    for word in words:
        expected += ["--points", word]
    for word in more:
        expected += ["--boundary", word]
    assert spaced == expected
    assert parse_points(words, "--points") == tuple(first)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["-p", "1,2", "3,4", "-o", "a.png", "5,6"], ["-p", "1,2", "-p", "3,4", "-o", "a.png", "5,6"]),
        (["--points=1,2", "3,4"], ["--points=1,2", "--points", "3,4"]),
        (["--points", "1,2", "3,4", "cat.jpg"], ["--points", "1,2", "--points", "3,4", "cat.jpg"]),
        (["--points", "1,2", "--points", "3,4"], ["--points", "1,2", "--points", "3,4"]),
        (["--points", "-5,2", "-6,4"], ["--points", "-5,2", "--points", "-6,4"]),
        (["--points"], ["--points"]),
    ],
)
def test_where_a_list_of_points_ends(given: list[str], expected: list[str]) -> None:
    assert repeat_options(given, ["--points", "-p"]) == expected


def test_a_file_with_a_comma_in_its_name_is_a_file(tmp_path: Path) -> None:
    image = tmp_path / "cat,dog.jpg"
    image.touch()
    words = ["--points", "1,2", "3,4", str(image)]
    assert repeat_options(words, ["--points"]) == ["--points", "1,2", "--points", "3,4", str(image)]


def test_a_word_that_is_too_long_for_a_file_is_points() -> None:
    word = " ".join(f"{x},2" for x in range(100))
    assert repeat_options(["--click", "1,2", word], ["--click"]) == ["--click", "1,2", "--click", word]


@pytest.mark.parametrize("word", ["12", "1,2,3", "a,b", "1;2", ","])
def test_what_is_no_point_is_named(word: str) -> None:
    with pytest.raises(PromptError, match="give x,y in pixels"):
        parse_points([word], "--points")
