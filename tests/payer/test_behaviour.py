"""The payer is told how to answer, or does not start."""

import pytest

from adapter.payer import Behaviour, load_behaviour
from adapter.payer.behaviour import ANSWERS
from adapter.settings import SettingsError


@pytest.fixture
def told(tmp_path):
    def load(text):
        path = tmp_path / "behave.toml"
        path.write_text(text)
        return load_behaviour(path)

    return load


@pytest.mark.parametrize("answer", [each for each in ANSWERS if each != "slow"])
def test_an_answer_is_told_by_its_name(told, answer):
    assert told(f'answer = "{answer}"') == Behaviour(answer)


@pytest.mark.parametrize(("text", "seconds"), [("2", 2.0), ("0.5", 0.5)])
def test_slow_says_how_slow(told, text, seconds):
    assert told(f'answer = "slow"\nseconds = {text}') == Behaviour("slow", seconds)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ('answer = "accept"\nanswers = 1', ["unknown key 'answers'"]),
        ("", ["answer: expected one of accept, reject, slow, lie"]),
        ('answer = "pay"', ["answer: expected one of"]),
        ('answer = ["lie"]', ["answer: expected one of"]),
        ('answer = "slow"', ["seconds: with slow a number"]),
        *((f'answer = "slow"\nseconds = {value}', ["seconds: with slow a number"]) for value in ("0", "-1", "3601", "true", '"2"', "nan", "inf")),
        ('answer = "reject"\nseconds = 1', ["seconds: only slow takes it"]),
        ("answer = 1\nx = 2\nseconds = 3", ["unknown key 'x'", "answer: expected", "seconds: only slow"]),
        ("answer", ["not readable as TOML"]),
    ],
)
def test_every_problem_of_a_file_is_named(told, text, problems):
    with pytest.raises(SettingsError) as refused:
        told(text)
    assert [problem in said for problem, said in zip(problems, refused.value.problems, strict=True)] == [True] * len(problems)
