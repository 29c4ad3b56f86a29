"""The snapshot for Prometheus, on loopback: text exposition over a minimal HTTP/1.1.

Owns the names of the metrics, which dashboards rely on, and their labels, which are codes of this program only. It
answers one question, and never says who was here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from drivers.api import Condition, Paper
from kiosk.lifecycle import State
from kiosk.status.snapshot import Snapshot

PREFIX = "yibao_kiosk"
REQUEST_S = 5.0
_LONGEST_REQUEST = 8192
_AT_ONCE = 8
OPEN_STATES = ("intent", "sent", "unknown")
PLACES = ("core", "glass", "visit")


class _Collected(Collector):
    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterable[Metric]:
        return families(self._snapshot())


def families(now: Snapshot) -> Iterator[Metric]:
    """Every metric of one snapshot."""
    yield InfoMetricFamily(PREFIX, "The terminal", {"terminal": now.terminal, "version": now.version})
    yield _gauge("start_time_seconds", "When the terminal started, Unix time", now.started.timestamp())
    yield _gauge("simulated", "1 where a device or the insurer is played", float(now.simulated))
    yield _gauge("troubles", "How many things somebody should see to", float(len(list(now.troubles()))))
    yield _one_of("state", "What the terminal is doing", "state", [state.value for state in State], now.state)
    device = GaugeMetricFamily(f"{PREFIX}_device_up", "1 where the device can be used", labels=["device"])
    condition = GaugeMetricFamily(
        f"{PREFIX}_device_condition", "1 for the condition the device is in", labels=["device", "condition"]
    )
    for name, state in now.devices.items():
        device.add_metric([name], float(state.well))
        for each in Condition:
            condition.add_metric([name, each.value], float(each.value == state.condition))
    yield device
    yield condition
    yield _one_of("paper", "What the printer says of its paper", "paper", [each.value for each in Paper], now.paper)
    visits = CounterMetricFamily(f"{PREFIX}_visits", "Visits since the start", labels=["service", "outcome"])
    for service, outcomes in now.since_start.outcomes.items():
        for outcome, count in outcomes.items():
            visits.add_metric([service, outcome], count)
    yield visits
    refusals = CounterMetricFamily(f"{PREFIX}_refusals", "Refusals since the start", labels=["cause"])
    for cause, count in now.since_start.refusals.items():
        refusals.add_metric([cause], count)
    yield refusals
    failed = CounterMetricFamily(
        f"{PREFIX}_failed_visits", "Visits since the start that did not bring what they were for", labels=["code"]
    )
    for code, count in now.since_start.causes.items():
        failed.add_metric([code], count)
    yield failed
    yield _gauge("visits_today", "Visits of this day, also from before the start", float(now.today.total))
    buckets = [(str(limit), float(count)) for limit, count in now.visit_s.at_most]
    times = HistogramMetricFamily(f"{PREFIX}_visit_seconds", "How long visits took")
    times.add_metric([], [*buckets, ("+Inf", float(now.visit_s.count))], now.visit_s.total)
    yield times
    operations = GaugeMetricFamily(
        f"{PREFIX}_operations_open", "Operations that have not come to their end", labels=["state"]
    )
    for name in OPEN_STATES:
        operations.add_metric([name], now.operations.get(name, 0))
    yield operations
    yield _gauge("journal_readable", "1 while the journal can be read", float(now.journal_readable))
    if now.frame_age_s is not None:
        yield _gauge("frame_age_seconds", "Since the last painted frame", now.frame_age_s)
    yield _gauge("step_age_seconds", "Since the core's last step", now.step_age_s)
    uncaught = CounterMetricFamily(f"{PREFIX}_uncaught_errors", "Errors that nobody caught", labels=["place"])
    for place in PLACES:
        uncaught.add_metric([place], now.uncaught.get(place, 0))
    yield uncaught
    yield _gauge("resident_memory_bytes", "Of the terminal's process, without its children", float(now.memory_bytes))


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}_{name}", text, value=value)


def _one_of(name: str, text: str, label: str, all_of_them: Iterable[str], now: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=[label])
    for each in all_of_them:
        family.add_metric([each], float(each == now))
    return family


def exposition(snapshot: Callable[[], Snapshot]) -> bytes:
    """What Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(snapshot))
    text: bytes = generate_latest(registry)
    return text


async def serve(host: str, port: int, snapshot: Callable[[], Snapshot]) -> asyncio.Server:
    """Answer ``GET /metrics`` until the server is closed. Raises OSError where the port is taken."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if turns.locked():
                return  # nobody who belongs here asks so often at once
            async with turns, asyncio.timeout(REQUEST_S):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(_answer_to(head, snapshot))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # no question that could be answered, or nobody who waits for it
        finally:
            writer.close()

    return await asyncio.start_server(answer, host, port, limit=_LONGEST_REQUEST)


def _answer_to(head: bytes, snapshot: Callable[[], Snapshot]) -> bytes:
    method, target, *_ = [*head.split(b"\r\n", 1)[0].split(b" "), b"", b""]
    if method not in (b"GET", b"HEAD"):
        return _response("405 Method Not Allowed", "text/plain", b"", "Allow: GET, HEAD\r\n")
    if target.partition(b"?")[0] != b"/metrics":
        return _response("404 Not Found", "text/plain", b"")
    body = exposition(snapshot)
    response = _response("200 OK", CONTENT_TYPE_LATEST, body)
    return response if method == b"GET" else response[: -len(body)]


def _response(status: str, kind: str, body: bytes, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n{more}\r\n".encode() + body
