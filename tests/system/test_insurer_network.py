"""The insurer over a real network: who is spoken to, who may speak, and what is believed."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.insurer import local, national
from kiosk.insurer.api import (
    CardState,
    Done,
)
from kiosk.insurer.connection import Connection
from kiosk.insurer.envelope import Request, inf_time
from kiosk.insurer.gateway import REFUSED, Gateway
from kiosk.insurer.patience import PatientInsurer
from kiosk.insurer.platform import connect, trouble_of
from kiosk.insurer.server import PATH
from kiosk.insurer.staging import Authority
from kiosk.insurer.tls import client_context, read_token, server_context
from tests.helpers.cable import listener
from tests.helpers.centre import ACTIVATION, ACTIVE, ISSUED, QUICK, Centre, centre_at, lost, state
from tests.helpers.insurers import MORNING, TurnedClock
from tests.helpers.served_insurer import (
    INSTITUTION,
    TERMINAL,
    agreement,
    papers,
)


@pytest.fixture
async def centre(tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre_at(tmp_path) as centre:
        yield centre


# --- who is spoken to ------------------------------------------------------------------------------------------------


def _server_of(authority: Authority, place: Path, hosts: list[str], **validity: Any) -> tuple[Path, Path]:
    authority.server(hosts, place / "other.pem", place / "other.key", **validity)
    return place / "other.pem", place / "other.key"


@pytest.mark.parametrize(
    ("case", "trouble"),
    [
        ("another CA", "unable to get local issuer certificate; [insurer] ca does not know who issued it"),
        ("another host", "not valid for '127.0.0.1'"),
        ("expired", "certificate has expired"),
        ("not yet valid", "certificate is not yet valid"),
        ("a terminal as server", "purpose"),
        ("TLS 1.2", "TLS 1.3"),
    ],
)
async def test_whoever_is_not_the_insurer_hears_nothing(
    centre: Centre, tmp_path: Path, case: str, trouble: str
) -> None:
    folder, now = papers(), datetime.now(UTC)
    ours, long_ago = Authority.load(folder), now - timedelta(days=900)
    certificate, key = {
        "another CA": lambda: _server_of(Authority.found(), tmp_path, ["127.0.0.1"]),
        "another host": lambda: _server_of(ours, tmp_path, ["elsewhere.example"]),
        "expired": lambda: _server_of(ours, tmp_path, ["127.0.0.1"], validity=(long_ago, now - timedelta(days=1))),
        "not yet valid": lambda: _server_of(
            ours, tmp_path, ["127.0.0.1"], validity=(now + timedelta(days=1), now + timedelta(days=2))
        ),
        "a terminal as server": lambda: (folder.papers(TERMINAL).certificate, folder.papers(TERMINAL).key),
        "TLS 1.2": lambda: folder.server,
    }[case]()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if case == "TLS 1.2":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with listener(context, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as kept:
        terminal = centre.terminal(kept.port)
        assert not await terminal.reachable()
        assert not await lost(terminal.perform("k1", ACTIVATION))
        assert trouble in terminal.trouble
        assert not kept.heard
    assert await state(centre.insurer) is CardState.ISSUED


async def test_the_host_is_checked_by_name_too(centre: Centre, tmp_path: Path) -> None:
    certificate, key = _server_of(Authority.load(papers()), tmp_path, ["127.0.0.1"])
    context = server_context(papers().ca, certificate, key)
    async with listener(context) as kept:
        terminal = centre.terminal(url=f"https://localhost:{kept.port}{PATH}")
        assert not await lost(terminal.card(ISSUED.card))
        assert "localhost" in terminal.trouble
        assert not kept.heard


async def test_a_server_with_the_right_papers_hears_no_business_before_it_has_answered_rightly(centre: Centre) -> None:
    context = server_context(papers().ca, *papers().server)
    foreign = b'HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{"infcode":0}'
    async with listener(context, foreign) as kept:
        terminal = centre.terminal(kept.port)
        assert not await lost(terminal.perform("k1", ACTIVATION))
        assert "signature" in terminal.trouble
    said = kept.heard.decode()
    assert national.SIGN_IN in said
    for secret in (ISSUED.person.name, ISSUED.person.id_number, ISSUED.card.number, ISSUED.card.card_id, "k1"):
        assert secret not in said


async def test_nobody_there_means_nothing_was_sent(centre: Centre) -> None:
    terminal = centre.terminal()
    assert await terminal.reachable()
    await centre.served.stop()
    assert not await lost(terminal.perform("k1", ACTIVATION))
    assert not await PatientInsurer(terminal).reachable()
    assert "nobody listens" in trouble_of(PatientInsurer(terminal)) == trouble_of(terminal)
    assert trouble_of(centre.insurer) == ""


async def test_a_line_that_swallows_the_handshake_means_nothing_was_sent(centre: Centre) -> None:
    cable = await centre.cable()
    cable.held = True
    terminal = centre.terminal(cable.port, replace(QUICK, connect=0.2))
    assert not await lost(terminal.perform("k1", ACTIVATION))
    assert terminal.trouble == "no connection within 0.2 s"


# --- who may speak ---------------------------------------------------------------------------------------------------


async def test_a_terminal_of_another_ca_is_turned_away_before_any_business(centre: Centre, tmp_path: Path) -> None:
    other = Authority.found()
    other.terminal(TERMINAL, tmp_path / "t.pem", tmp_path / "t.key")
    known = replace(papers().papers(TERMINAL), certificate=tmp_path / "t.pem", key=tmp_path / "t.key")
    terminal = connect(agreement(centre.served.port), known, tmp_path / "messages", centre.clock)
    assert not await lost(terminal.perform("k1", ACTIVATION))
    assert not centre.heard
    await terminal.close()


async def test_whoever_shows_no_certificate_gets_no_answer(centre: Centre) -> None:
    context = ssl.create_default_context(cafile=str(papers().ca))
    reader, writer = await asyncio.open_connection("127.0.0.1", centre.served.port, ssl=context)
    writer.write(f"POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n".encode())
    try:
        answer = await reader.read()
    except OSError:
        answer = b""  # turned away with an alert or a reset
    assert answer == b""
    writer.transport.abort()
    assert not centre.heard


async def test_an_older_tls_is_refused_by_the_server(centre: Centre) -> None:
    own = papers().papers(TERMINAL)
    context = ssl.create_default_context(cafile=str(papers().ca))
    context.load_cert_chain(own.certificate, own.key)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(OSError):  # noqa: PT011 - an alert or a reset, whichever comes first
        await asyncio.open_connection("127.0.0.1", centre.served.port, ssl=context)
    assert not centre.heard


async def test_nobody_speaks_for_another_terminal(centre: Centre) -> None:
    terminal = centre.terminal(terminal="ZZ-0002")  # with the certificate of ZZ-0001
    assert not await lost(terminal.perform("k1", ACTIVATION))
    assert centre.numbers() == [national.SIGN_IN]
    assert await state(centre.insurer) is CardState.ISSUED


async def test_a_session_of_ones_own_does_not_let_one_speak_for_another(centre: Centre) -> None:
    terminal = centre.terminal()
    assert await terminal.reachable()
    await terminal.outcome("k0")
    _, body = centre.heard[-1]
    own = papers().papers(TERMINAL)
    context = client_context(own.ca, own.certificate, own.key)
    speaking = await Connection.open(agreement(centre.served.port).url, context, 2)
    forged = replace(Request.decode(body), opter="ZZ-0002", msgid=f"{INSTITUTION}202607150930009999").encode()
    signed = Gateway("kiosk", read_token(papers().token)).sign_request(MORNING, "2" * 32, forged)
    assert json.loads((await speaking.exchange(signed, forged, 2)).body)["infcode"] == -2
    await speaking.close()


async def test_a_wrong_token_opens_nothing(centre: Centre, tmp_path: Path) -> None:
    wrong = tmp_path / "token"
    wrong.write_text("not-the-token-of-this-gateway")
    wrong.chmod(0o600)
    known = replace(papers().papers(TERMINAL), token=wrong)
    terminal = connect(agreement(centre.served.port), known, tmp_path / "messages", centre.clock)
    assert not await lost(terminal.perform("k1", ACTIVATION))
    assert terminal.trouble.endswith("HTTP 401, which says: signature")
    assert set(centre.numbers()) == {national.SIGN_IN}
    await terminal.close()


async def test_a_clock_that_is_wrong_is_told_so(centre: Centre, tmp_path: Path) -> None:
    slow = TurnedClock(MORNING - timedelta(minutes=6))
    terminal = connect(agreement(centre.served.port), papers().papers(TERMINAL), tmp_path / "messages", slow)
    assert not await lost(terminal.perform("k1", ACTIVATION))
    assert terminal.trouble.endswith("which says: time")
    await terminal.close()


# --- replayed, forged, garbled ---------------------------------------------------------------------------------------


async def test_a_message_that_comes_again_does_nothing(centre: Centre) -> None:
    terminal = centre.terminal()
    assert isinstance(await terminal.perform("k1", ACTIVATION), Done)
    headers, body = centre.heard[-1]
    own = papers().papers(TERMINAL)
    url = agreement(centre.served.port).url
    replaying = await Connection.open(url, client_context(own.ca, own.certificate, own.key), 2)
    signed = {name: value for name, value in headers.items() if name.startswith("x-")}
    again = await replaying.exchange(signed, body, 2)
    assert (again.status, again.headers[REFUSED], again.body) == (401, "replayed", b"")
    changed = await replaying.exchange({**signed, "x-tif-nonce": "0" * 32}, body, 2)
    assert (changed.status, changed.headers[REFUSED]) == (401, "signature")
    # The same number in a message that is new and rightly signed.
    gateway = Gateway("kiosk", read_token(papers().token))
    renumbered = await replaying.exchange(gateway.sign_request(MORNING, "1" * 32, body), body, 2)
    assert json.loads(renumbered.body)["infcode"] == -2
    centre.clock.turn(301)
    late = await replaying.exchange(signed, body, 2)
    assert (late.status, late.headers[REFUSED]) == (401, "time")
    await replaying.close()


async def test_a_message_from_before_the_servers_restart_has_no_session(centre: Centre) -> None:
    terminal = centre.terminal()
    await terminal.perform("k1", ACTIVATION)
    headers, body = centre.heard[-1]
    await centre.served.stop()
    await centre.served.start()
    own = papers().papers(TERMINAL)
    replaying = await Connection.open(
        agreement(centre.served.port).url, client_context(own.ca, own.certificate, own.key), 2
    )
    signed = {name: value for name, value in headers.items() if name.startswith("x-")}
    again = await replaying.exchange(signed, body, 2)
    assert json.loads(again.body)["infcode"] == -3
    await replaying.close()


_SPOILED: dict[str, Callable[[dict[str, str], bytes], tuple[int, dict[str, str], bytes]]] = {
    "a bit is flipped": lambda headers, body: (200, headers, body.replace(b"done", b"dine")),
    "cut short": lambda headers, body: (200, headers, body[:-9]),
    "unsigned": lambda _headers, body: (200, {}, body),
    "signed with another token": lambda _headers, body: (
        200,
        Gateway("kiosk", b"another token altogether").sign_reply(MORNING, "0" * 32, body),
        body,
    ),
    "a page of some proxy": lambda _headers, _body: (502, {"content-type": "text/html"}, b"<html>Bad Gateway</html>"),
    "an empty 200": lambda headers, _body: (200, headers, b""),
    "a redirection": lambda headers, body: (302, {**headers, "location": "https://127.0.0.1:1/"}, body),
    "far too much": lambda headers, _body: (200, headers, b" " * 400_000),
}


@pytest.mark.parametrize("how", _SPOILED)
async def test_a_reply_that_is_not_right_is_a_lost_one(centre: Centre, how: str) -> None:
    terminal = centre.terminal()
    assert await terminal.reachable()
    centre.spoil = _SPOILED[how]
    assert await lost(terminal.perform("k1", ACTIVATION)), "it was done all the same"
    assert terminal.trouble
    assert (terminal.trouble == "the answer is too large") == (how == "far too much"), "no more is read than needed"
    centre.spoil = None
    assert await state(centre.insurer) is CardState.ACTIVE
    assert isinstance(await terminal.outcome("k1"), Done)
    assert not terminal.trouble


async def test_a_reply_to_an_earlier_message_is_not_believed_for_a_later_one(centre: Centre) -> None:
    terminal = centre.terminal()
    kept: list[tuple[dict[str, str], bytes]] = []

    def keep(headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        kept.append((headers, body))
        return 200, headers, body

    centre.spoil = keep
    assert await terminal.outcome("k1") is None
    centre.spoil = lambda _headers, _body: (200, *kept[-1])
    # Were it believed, a done activation would be taken for one that never came.
    assert await lost(terminal.outcome("k1"))
    assert "signature" in terminal.trouble


async def test_without_signed_bodies_the_national_header_alone_is_checked(centre: Centre) -> None:
    terminal = centre.terminal(signs_bodies=False)
    assert not await terminal.reachable()
    assert terminal.trouble.startswith("the reply") or "HTTP 401" in terminal.trouble


async def test_replies_on_the_wire_have_the_nations_form(centre: Centre) -> None:
    replies: list[dict[str, Any]] = []

    def keep(headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        replies.append(json.loads(body))
        return 200, headers, body

    centre.spoil = keep
    terminal = centre.terminal()
    accounts = await terminal.accounts(ACTIVE.person)
    sign_in, person = replies
    assert sign_in["output"]["signinoutb"]["sign_no"]
    assert person["respond_time"] == "20260715093000000"
    assert person["inf_refmsgid"].startswith("41010020260715093000")
    assert f'"balc":{int(accounts[0].balance) / 100:.2f}' in json.dumps(person).replace(" ", "")
    request = centre.messages()[-1]
    assert request["mdtrtarea_admvs"] == "410100"
    assert request["opter_type"] == "2"
    assert request["msgid"].startswith(f"{INSTITUTION}20260715093000")
    assert request["sign_no"] == sign_in["output"]["signinoutb"]["sign_no"]


# --- what the server refuses -----------------------------------------------------------------------------------------


async def test_what_is_not_a_message_is_refused_and_nothing_is_done(centre: Centre) -> None:
    own = papers().papers(TERMINAL)
    url = agreement(centre.served.port).url
    gateway = Gateway("kiosk", read_token(papers().token))
    context = client_context(own.ca, own.certificate, own.key)
    speaking = await Connection.open(url, context, 2)
    good = Request(
        infno="K004",
        msgid=f"{INSTITUTION}202607150930000001",
        mdtrtarea_admvs="410100",
        recer_sys_code="KIOSK",
        opter=TERMINAL,
        opter_name=TERMINAL,
        inf_time=inf_time(MORNING),
        fixmedins_code=INSTITUTION,
        fixmedins_name="样本",
        input=local.ask_activate("k1", ACTIVATION),
    ).encode()
    for number, (body, infcode) in enumerate(
        [
            (b"", -2),
            (b"{}", -2),
            (b"\xff\xfe", -2),
            (good.replace(b"mdtrtarea_admvs", b"mdtrtarea_admdvs"), -2),
            (good.replace(b"V1.0", b"V2.0"), -2),
            (good, -3),
        ]
    ):
        answer = await speaking.exchange(gateway.sign_request(MORNING, f"{number:032d}", body), body, 2)
        assert (answer.status, json.loads(answer.body)["infcode"]) == (200, infcode)
    await speaking.close()
    for path, status in (("/", 404), (PATH, 413)):
        elsewhere = await Connection.open(url.replace(PATH, path), context, 2)
        body = b" " * (0 if path == "/" else 300_000)
        assert (await elsewhere.exchange({}, body, 2)).status == status
        await elsewhere.close()
    assert await state(centre.insurer) is CardState.ISSUED
