"""`claim --to cms1500` and `ub04`: SVG, PDF where the file is named so, marked where the document is invented."""

import builtins
import json

from adapter.cli.picture import is_synthetic
from tests.cli.running import run
from tests.samples import REFILL, SAMPLES, SITE, refill_bytes

HOSPITAL = (SAMPLES / "hospital-outpatient-floxuridine.json", SAMPLES / "site-hospital.toml")


def test_a_sample_is_drawn_and_marked():
    result = run("claim", REFILL, "--site", SITE, "--to", "cms1500")
    assert (result.exit_code, result.stdout.startswith("<svg"), ">synthetic<" in result.stdout) == (0, True, True)
    document, site = HOSPITAL
    assert ">0131<" in run("claim", document, "--site", site, "--to", "ub04").stdout


def test_a_document_that_is_no_sample_is_not_marked_but_where_it_says_that_it_is_for_tests(tmp_path):
    tree = json.loads(refill_bytes(HTEST="ETREAT"))
    path = tmp_path / "a.json"
    path.write_text(json.dumps(tree))
    assert ">synthetic<" not in run("claim", path, "--site", SITE, "--to", "cms1500").stdout
    tree["meta"] = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]}
    assert is_synthetic(json.dumps(tree).encode())


def test_a_file_named_pdf_is_a_pdf_and_json_holds_the_svg_as_text(tmp_path):
    assert run("claim", REFILL, "--site", SITE, "--to", "cms1500", "-o", tmp_path / "a.pdf").exit_code == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    told = json.loads(run("claim", REFILL, "--site", SITE, "--to", "cms1500", "--json").stdout)
    assert told["result"].startswith("<svg")


def test_the_other_form_is_refused_and_nothing_is_written(tmp_path):
    result = run("claim", REFILL, "--site", SITE, "--to", "ub04", "-o", tmp_path / "a.svg")
    assert (result.exit_code, (tmp_path / "a.svg").exists()) == (1, False)
    assert "picture.other-form" in result.stderr


def test_a_pdf_without_its_library_says_what_to_install(tmp_path, monkeypatch):
    real = builtins.__import__

    def absent(name, *rest):
        if name.startswith("reportlab"):
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    result = run("claim", REFILL, "--site", SITE, "--to", "cms1500", "-o", tmp_path / "a.pdf")
    assert result.exit_code == 3
    assert "refill-adapter[pdf]" in result.stderr


def test_the_help_of_claim_says_how_a_pdf_is_asked_for():
    assert "or PDF where -o names a file that ends in .pdf" in " ".join(run("claim", "--help").stdout.split())
