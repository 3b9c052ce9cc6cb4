"""CodeSystems, ValueSets and ConceptMaps of profiles/ are what the tables say, byte for byte."""

from adapter.load import data_folder
from tools.write_terminology import main, terminology_files

PROFILES = data_folder("profiles")


def shipped(folder):
    return {path.name: path.read_text() for kind in ("CodeSystem", "ValueSet", "ConceptMap") for path in folder.glob(f"{kind}-*.json")}


def test_the_shipped_files_are_what_the_tables_say():
    assert shipped(PROFILES) == terminology_files()


def test_a_stale_and_a_changed_file_are_mended_and_others_are_let_be(tmp_path):
    (tmp_path / "ConceptMap-gone.json").write_text("{}")
    (tmp_path / "ValueSet-accepted-route.json").write_text("{}")
    (tmp_path / "StructureDefinition-x.json").write_text("{}")
    assert shipped(tmp_path) != terminology_files()
    assert main([str(tmp_path)]) == 0
    assert shipped(tmp_path) == terminology_files()
    assert (tmp_path / "StructureDefinition-x.json").exists()
