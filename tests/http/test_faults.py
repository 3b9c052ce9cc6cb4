"""The last handler: a bug is told and logged, and neither says a word of the input."""

import json

from adapter.web import answers as answers_module
from tests.samples import refill_bytes
from tests.web.exchange import CODE, outcome, post


def test_a_bug_is_a_fatal_outcome_with_a_log_id_and_tells_nothing_of_the_input(client, monkeypatch, capsys):
    def planted(*_arguments):
        raise RuntimeError("SECRET of " + "Samplepatient")

    monkeypatch.setattr(answers_module, "code_document", planted)
    response = post(client, CODE, refill_bytes())
    (issue,) = outcome(response)["issue"]
    log = json.loads(capsys.readouterr().out)
    assert response.status_code == 500
    assert (issue["severity"], issue["code"]) == ("fatal", "exception")
    assert log["log_id"] in issue["details"]["text"]
    assert (log["kind"], log["request_id"]) == ("RuntimeError", response.headers["X-Request-Id"])
    assert "web/answers.py" in " ".join(log["places"])
    assert "SECRET" not in response.text + json.dumps(log)
    assert "Traceback" not in response.text
