"""The comparison compares: what is the same is counted, what was changed is named."""

from adapter.fhir.json import decode_json
from tests.samples import SAMPLES, in_xml
from tools.compare_xml import differences, main


def test_our_own_xml_is_the_same_and_a_planted_change_is_named(tmp_path, capsys):
    for path in sorted(SAMPLES.glob("two-*.json")):
        made = in_xml(path.read_bytes())
        (tmp_path / f"{path.stem}.xml").write_bytes(made.replace(b' value="11"', b' value="11.0"', 1) if "pumps" in path.stem else made)
    assert main([str(SAMPLES), str(tmp_path)]) == 0
    told = capsys.readouterr().out
    count = len(list(SAMPLES.glob("*.json")))
    assert f"{count:5} come back the same" in told
    assert "    1 of the other converter are the same" in told
    assert "    1 of the other converter differ" in told
    assert told.startswith("two-pumps-one-day.json: .entry[")


def test_a_digit_a_type_and_a_missing_element_are_differences():
    one = decode_json(b'{"a": 1.50, "b": [1], "c": "x", "d": true}').value
    other = decode_json(b'{"a": 1.5, "b": [1, 2], "d": "true"}').value
    assert list(differences(one, other)) == [".a", ".b", ".c", ".d"]
    assert list(differences({"div": "<div  a='1'/>"}, {"div": '<div a="1"></div>'})) == []


def test_what_is_not_written_is_a_failure(tmp_path, capsys):
    (tmp_path / "a.json").write_text('{"resourceType": "Basic", "text": {"div": "<div>"}}')
    assert main([str(tmp_path)]) == 1
    assert "a.json: ('Basic.text.div',)" in capsys.readouterr().out
