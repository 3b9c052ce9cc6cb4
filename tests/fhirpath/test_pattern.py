"""Expressions of a profile and texts of a document cannot make a pattern hang, and threads cannot disturb each other."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapter.fhirpath import CannotRun, Environment, PathError, compile_path
from adapter.fhirpath.pattern import compile_pattern

HOSTILE = ["(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"]


@pytest.mark.parametrize("pattern", HOSTILE)
@pytest.mark.parametrize("function", ["matches('{}')", "matchesFull('{}')", "replaceMatches('{}', 'x').exists()"])
def test_a_hostile_pattern_takes_time_in_proportion_to_the_text(types, pattern, function):
    node = types.node({"resourceType": "Basic", "id": "a" * 20_000 + "!"})
    path = compile_path("id." + function.format(pattern), types)
    started = time.perf_counter()
    path(node, Environment())
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("pattern", ["(?=a)b", "(?!a)b", "(?<=a)b", r"(a)\1", "a{1,2000}", "(", "x" * 4_001])
def test_what_cannot_be_matched_in_linear_time_is_refused_and_never_ignored(types, pattern):
    with pytest.raises(PathError, match="regular expression"):
        compile_pattern(pattern)
    escaped = pattern.replace("\\", "\\\\")
    with pytest.raises(CannotRun, match="regular expression"):
        compile_path(f"id.matches('{escaped}')", types)


def test_a_pattern_that_the_document_gives_is_refused_when_it_runs(types):
    node = types.node({"resourceType": "Basic", "id": "(", "language": "a"})
    with pytest.raises(PathError, match="regular expression"):
        compile_path("language.matches(%context.id)", types)(node, Environment())


def test_one_compiled_path_serves_many_threads(types):
    path = compile_path("name.where($index > 0).given.aggregate($total & $this & %context.id, '')", types)

    def run(number):
        tree = {"resourceType": "Patient", "id": str(number), "name": [{"given": ["x"]}, {"given": [f"a{number}"]}, {"given": ["b"]}]}
        return path(types.node(tree), Environment())

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, range(400))) == [[f"a{number}{number}b{number}"] for number in range(400)]
