"""What is wrong with a file of deploy/: each function takes a text and gives its faults."""

import json
import re

import yaml

__all__ = ["faults_of_compose", "faults_of_image", "metrics_named"]

_METRIC = re.compile(r"\brefill_[a-z_]+")


def faults_of_image(text, root):
    """Find what an image must not do: run as root, take what is not pinned, copy what is not there, start through a shell."""
    lines = re.sub(r"\\\n", " ", text).splitlines()
    told = [line.split(maxsplit=1) for line in lines if line.strip() and not line.startswith("#")]
    found = []
    users = [rest for word, rest in told if word == "USER"]
    if not users or not re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1]):
        found.append("no USER that is a number above nothing")
    for word, rest in told:
        if word == "FROM" and not re.search(r":\d", rest) and " AS " not in rest.upper():
            found.append(f"FROM without a version: {rest}")
        if word == "FROM" and ":latest" in rest:
            found.append(f"FROM of whatever is newest: {rest}")
        if word == "ADD":
            found.append("ADD: use COPY")
        if word in ("ENTRYPOINT", "CMD") and not rest.startswith("["):
            found.append(f"{word} through a shell takes no signal")
        if word == "RUN" and "pip install" in rest and "--no-deps" not in rest:
            found.append("pip may take what no lock names")
        if word == "COPY" and not rest.startswith("--from"):
            found += [f"COPY of what is not there: {name}" for name in rest.split()[:-1] if not (root / name).exists()]
    return found + [f"no {word}" for word in ("HEALTHCHECK", "STOPSIGNAL", "ENTRYPOINT") if word not in {each for each, _ in told}]


def faults_of_compose(text):
    """Find what a service of a compose file must not have: rights that it does not need, an image without a version."""
    found = []
    tree = yaml.safe_load(text)
    for name, service in tree["services"].items():
        wanted = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"], "restart": "unless-stopped"}
        found += [f"{name}: {key} is not {value}" for key, value in wanted.items() if service.get(key) != value]
        if service.get("privileged") or service.get("network_mode") == "host":
            found.append(f"{name}: more rights than it needs")
        if "image" in service and not re.search(r":v?\d", service["image"]):
            found.append(f"{name}: image without a version")
        named = [each.partition(":")[0] for each in service.get("volumes", [])]
        found += [f"{name}: volume {each} is declared nowhere" for each in named if "/" not in each and each not in tree.get("volumes", {})]
    return found


def metrics_named(text):
    """Give the metrics that the queries of alert rules or of a dashboard name."""
    tree = yaml.safe_load(text) if not text.startswith("{") else json.loads(text)
    queries = [rule["expr"] for group in tree.get("groups", []) for rule in group["rules"]]
    queries += [target["expr"] for panel in tree.get("panels", []) for target in panel["targets"]]
    return {name for query in queries for name in _METRIC.findall(query)}
