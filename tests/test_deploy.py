"""deploy/ holds together: images and services have no more rights than they need, and every metric that is asked for exists."""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from adapter.settings import SETTINGS
from tests.deployed import faults_of_compose, faults_of_image, metrics_named
from tests.web.conftest import keeping_client as keeping_client, store as store
from tests.web.exchange import post

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
IMAGE, COMPOSE = (DEPLOY / "Dockerfile").read_text(), (DEPLOY / "compose.yaml").read_text()
WATCHED = ["alerts.yaml", "dashboard.json"]


def test_the_image_takes_only_what_is_pinned_and_runs_as_nobody():
    assert faults_of_image(IMAGE, ROOT) == []


@pytest.mark.parametrize(("was", "planted"), [
    ("USER 65532:65532", "USER root"), ("USER 65532:65532\n", ""), ("FROM python:3.13-slim\n", "FROM python\n"), ("python:3.13-slim\n", "python:latest\n"), ("COPY samples samples", "ADD samples samples"),
    ("COPY samples samples", "COPY sample samples"), ('ENTRYPOINT ["refill-adapter"]', "ENTRYPOINT refill-adapter"), ("--no-deps ", ""), ("STOPSIGNAL SIGTERM\n", ""),
])
def test_a_planted_fault_of_the_image_is_caught(was, planted):
    assert was in IMAGE
    assert faults_of_image(IMAGE.replace(was, planted), ROOT) != []


def test_every_service_has_no_more_rights_than_it_needs():
    assert faults_of_compose(COMPOSE) == []


@pytest.mark.parametrize(("was", "planted"), [
    ("read_only: true", "read_only: false"), ("cap_drop: [ALL]", "cap_drop: []"), ("nginx:1.29-alpine", "nginx:latest"), ("prom/prometheus:v3.5.0", "prom/prometheus"), ('network_mode: "service:adapter"', "network_mode: host"), ("  data: {}\n", ""),
])
def test_a_planted_fault_of_the_services_is_caught(was, planted):
    assert was in COMPOSE
    assert faults_of_compose(COMPOSE.replace(was, planted)) != []


def test_every_setting_that_is_deployed_exists_and_every_file_that_is_mounted_is_here_or_told():
    for name in ("Dockerfile", "compose.yaml", "refill-adapter.service"):
        named = set(re.findall(r"REFILL_([A-Z]+)", (DEPLOY / name).read_text()))
        assert named <= {setting.upper() for setting in SETTINGS}, name
    mounted = {each.split(":")[0] for service in yaml.safe_load(COMPOSE)["services"].values() for each in service.get("volumes", []) if each.startswith("./")}
    told = (ROOT / "docs" / "running.md").read_text()
    assert [each for each in mounted if not (DEPLOY / each).exists() and f"deploy/{each[2:]}" not in told] == []


def existing(client):
    """Give the names of all samples that /metrics gives once something was asked."""
    post(client, "/fhir/$refill-to-claim", b"{")
    text = client.get("/metrics").text
    return {sample.name for family in text_string_to_metric_families(text) for sample in family.samples} | {
        # A counter that nothing was counted by has no sample yet: its family is there.
        f"{family.name}_total" for family in text_string_to_metric_families(text) if family.type == "counter"
    }


@pytest.mark.parametrize("name", WATCHED)
def test_every_metric_that_is_asked_for_exists(keeping_client, name):
    named = metrics_named((DEPLOY / name).read_text())
    assert len(named) >= 6
    assert named - existing(keeping_client) == set()


def test_a_planted_metric_that_does_not_exist_is_caught(keeping_client):
    planted = (DEPLOY / "alerts.yaml").read_text().replace("refill_store_writable", "refill_store_writeable")
    assert metrics_named(planted) - existing(keeping_client) == {"refill_store_writeable"}


def test_every_alert_says_what_it_means_and_what_to_do():
    (group,) = yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert {"summary", "what_to_do"} == rule["annotations"].keys()
        assert rule["expr"].count("(") == rule["expr"].count(")")
    assert len({rule["alert"] for rule in group["rules"]}) == len(group["rules"])


def test_the_dashboard_shows_what_there_is_without_one_panel_on_another():
    panels = json.loads((DEPLOY / "dashboard.json").read_text())["panels"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len(panels) == len({panel["id"] for panel in panels})
    assert all(target["expr"] for panel in panels for target in panel["targets"])
