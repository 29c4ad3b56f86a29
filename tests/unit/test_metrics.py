"""Metrics for Prometheus: their names and labels are codes of this program, they are served on loopback alone, and what
the dashboard and the rules ask for is there.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from drivers.api import Condition, Paper
from kiosk.config import ConfigError, parse
from kiosk.lifecycle import State
from kiosk.status import metrics
from tests.helpers.snapshots import WELL, snapshot

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "packaging" / "monitoring"
LABELS: Mapping[str, frozenset[str] | None] = {
    "terminal": None,
    "version": None,
    "state": frozenset({*State, "intent", "sent", "unknown"}),
    "device": frozenset({"card", "idcard", "scanner", "printer", "pinpad", "voice"}),
    "condition": frozenset(Condition),
    "paper": frozenset(Paper),
    "service": frozenset({"balance", "activate"}),
    "outcome": frozenset({"done", "idle", "C01"}),
    "cause": frozenset({"minor"}),
    "code": frozenset({"C01", "V02"}),
    "place": frozenset(metrics.PLACES),
    "le": None,
}
"""Every label there is, with its values; ``None``: one value a terminal, or limits that do not change."""


def samples(text: bytes) -> list[tuple[str, Mapping[str, str], float]]:
    families = text_string_to_metric_families(text.decode())
    return [(sample.name, sample.labels, sample.value) for family in families for sample in family.samples]


def test_labels_are_few_and_their_values_are_codes() -> None:
    found = samples(metrics.exposition(lambda: snapshot(uncaught={"visit": 2}, operations={"unknown": 1})))
    for name, labels, _ in found:
        assert name.startswith("yibao_kiosk_")
        for label, value in labels.items():
            allowed = LABELS[label]
            assert allowed is None or value in allowed, f"{name}: {label}={value}"
    assert len(found) < 200, "one terminal"
    assert ("yibao_kiosk_visits_total", {"service": "activate", "outcome": "C01"}, 1.0) in found
    assert ("yibao_kiosk_operations_open", {"state": "unknown"}, 1.0) in found
    assert ("yibao_kiosk_uncaught_errors_total", {"place": "visit"}, 2.0) in found
    assert ("yibao_kiosk_visit_seconds_bucket", {"le": "30.0"}, 7.0) in found
    assert sum(value for name, _, value in found if name == "yibao_kiosk_state") == 1.0


def test_before_the_first_frame_there_is_no_age_of_it() -> None:
    names = {name for name, _, _ in samples(metrics.exposition(lambda: snapshot(frame_age_s=None)))}
    assert "yibao_kiosk_frame_age_seconds" not in names


# --- over HTTP -------------------------------------------------------------------------------------------------------


async def ask(port: int, request: bytes) -> tuple[bytes, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


async def test_prometheus_is_answered_and_nobody_else() -> None:
    server = await metrics.serve("127.0.0.1", 0, lambda: WELL)
    port = server.sockets[0].getsockname()[1]
    try:
        head, body = await ask(port, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain")
        assert f"Content-Length: {len(body)}".encode() in head
        assert b"yibao_kiosk_state" in body
        head, body = await ask(port, b"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert body == b""
        assert (await ask(port, b"GET / HTTP/1.1\r\n\r\n"))[0].startswith(b"HTTP/1.1 404")
        assert (await ask(port, b"POST /metrics HTTP/1.1\r\n\r\n"))[0].startswith(b"HTTP/1.1 405")
        assert (await ask(port, b"\r\n\r\n"))[0].startswith(b"HTTP/1.1 405")
        assert await ask(port, b"x" * 20000) == (b"", b"")
    finally:
        server.close()


async def test_a_port_that_is_taken_is_an_error_of_the_system() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        await metrics.serve("127.0.0.1", taken.getsockname()[1], lambda: WELL)


@pytest.mark.parametrize("told", ["0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464", "localhost", "127.0.0.1:0", "x:1"])
def test_only_loopback_can_be_configured(told: str) -> None:
    with pytest.raises(ConfigError, match=r"\[status\] metrics"):
        parse({"status": {"metrics": told}}, "k")


@pytest.mark.parametrize(("told", "meant"), [("127.0.0.1:9464", ("127.0.0.1", 9464)), ("[::1]:1", ("::1", 1))])
def test_an_address_of_loopback(told: str, meant: tuple[str, int]) -> None:
    assert parse({"status": {"metrics": told}}, "k").metrics == meant


def test_nothing_is_served_unless_it_is_asked_for() -> None:
    assert parse({}, "k").metrics is None


# --- dashboard and rules ---------------------------------------------------------------------------------------------


def known() -> set[str]:
    return {name for name, _, _ in samples(metrics.exposition(lambda: WELL))}


def asked_for(text: str) -> set[str]:
    return set(re.findall(r"yibao_kiosk_\w+", text))


def test_the_dashboard_asks_for_what_there_is() -> None:
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text("utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    queries.append(dashboard["templating"]["list"][1]["definition"])
    assert len(queries) >= 14
    assert asked_for("\n".join(queries)) <= known()
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    # Grafana's grid is 24 wide; panels must not lie over each other.
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_rules_ask_for_what_there_is() -> None:
    text = (MONITORING / "rules.yml").read_text("utf-8")
    (group,) = yaml.safe_load(text)["groups"]
    assert asked_for("\n".join(rule["expr"] for rule in group["rules"])) <= known()
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in ("page", "ticket", "note")
        assert rule["annotations"]["summary"].startswith("{{ $labels.instance }}: ")
    assert yaml.safe_load((MONITORING / "prometheus.yml").read_text("utf-8"))["rule_files"] == ["rules.yml"]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize("words", [("check", "rules", "rules.yml"), ("test", "rules", "rules_test.yml")])
async def test_prometheus_itself_takes_the_rules(words: tuple[str, ...]) -> None:
    checking = await asyncio.create_subprocess_exec(
        "promtool", *words, cwd=MONITORING, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await checking.communicate()
    assert checking.returncode == 0, said.decode()


def test_every_metric_is_documented() -> None:
    page = (MONITORING / "README.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    families = text_string_to_metric_families(metrics.exposition(lambda: WELL).decode())
    told = {family.name.removeprefix("yibao_kiosk_") for family in families}
    totals = {name.removesuffix("_total") for name in documented}
    assert totals == told
