"""Invented people, their card, their documents and a test page: what simulated hands hold.

Every number has a valid check digit and belongs to nobody. The card's keys are written here for everyone to see: they
open nothing but this one simulated card. Nothing here is ever shown to a real card.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from drivers.api import Align, DocumentKind, IdDocument, Page, Pair, Qr, Rule, Text
from drivers.card import keys
from drivers.card.authority import Algorithm, ChipIdentity, ExternalAuthentication
from drivers.card.chip import Chip
from drivers.card.chip_profile import ChipProfile
from drivers.card.keys import ChipKeys

PROFILE = ChipProfile(
    card_id=bytes.fromhex("410100D156000005C0FFEE0000000417"),
    number="Z00000417",
    id_number="410102199107040025",
    name="周样例",
    sex="female",
    nation="01",
    birthplace="410102",
    born="19910704",
    issued="20200115",
    expires="20300115",
)
_KEYS = ChipKeys(*(use.encode("ascii").ljust(16, b".") for use in ("SAMPLE READ", "SAMPLE PIN", "SAMPLE MESSAGE")))


def chip(algorithm: Algorithm = Algorithm.TDES) -> Chip:
    """A new sample card, password 123456."""
    version = "3.00" if algorithm is Algorithm.SM4 else PROFILE.version
    return Chip(replace(PROFILE, algorithm=algorithm, version=version), _KEYS)


class SampleAuthority:
    """A ChipAuthority that holds the keys of the sample card alone."""

    async def authenticate(self, chip: ChipIdentity, key_id: int, challenge: bytes) -> ExternalAuthentication:
        key = {0x0A: _KEYS.read, 0x06: _KEYS.pin}[key_id]
        session = keys.session_key(chip.algorithm, key, challenge)
        return ExternalAuthentication(keys.external_cipher(chip.algorithm, session), keys.SOURCE)

    async def protect_pin(self, chip: ChipIdentity, challenge: bytes, header: bytes, pin: bytearray) -> bytes:
        session = keys.session_key(chip.algorithm, _KEYS.pin_message, challenge)
        return keys.protected_pin(chip.algorithm, session, header, pin)


RESIDENT = IdDocument(
    kind=DocumentKind.RESIDENT,
    name="周样例",
    number="410102199107040025",
    sex="female",
    born=date(1991, 7, 4),
    valid_from=date(2016, 8, 1),
    valid_to=date(2036, 8, 1),
    nation="01",
    address="河南省郑州市中原区样例路17号院4号楼",
    issuer="郑州市公安局中原分局",
    photo=bytes(range(255, -1, -1)) * 4,
)
OTHER = IdDocument(
    kind=DocumentKind.RESIDENT,
    name="吴𠮷例",  # one character outside the basic plane: two UTF-16 units
    number="410105198809121019",
    sex="male",
    born=date(1988, 9, 12),
    valid_from=date(2019, 2, 28),
    valid_to=None,
    long_term=True,
    nation="03",
    address="河南省郑州市金水区样例街6号",
    issuer="郑州市公安局金水分局",
    photo=bytes(1024),
)
PERMIT = IdDocument(
    kind=DocumentKind.PERMIT,
    name="郑样例",
    number="810000198206110027",
    sex="female",
    born=date(1982, 6, 11),
    valid_from=date(2022, 6, 1),
    valid_to=date(2027, 6, 1),
    address="河南省郑州市二七区样例巷8号",
    issuer="郑州市公安局",
    photo=bytes(1024),
)
FOREIGNER_2017 = IdDocument(
    kind=DocumentKind.FOREIGNER_2017,
    name="样例",
    number="XXX310082020202",
    sex="male",
    born=date(1982, 2, 2),
    valid_from=date(2018, 5, 5),
    valid_to=date(2028, 5, 4),
    nation="XXX",
    name_latin="SAMPLE, JANE EXAMPLE",
    issuer="1500",
    photo=bytes(1024),
)
FOREIGNER_2023 = IdDocument(
    kind=DocumentKind.FOREIGNER_2023,
    name="",
    number="932682198602030017",
    sex="male",
    born=date(1986, 2, 3),
    valid_from=date(2024, 2, 1),
    valid_to=date(2034, 1, 31),
    nation="XXX",
    # 46 characters, with a space at the seam between the two fields that hold it.
    name_latin="SAMPLE-WITH-A-VERY-LONG-NAME-OF-45 EXAMPLE ANN",
    photo=bytes(1024),
)
DOCUMENTS = (RESIDENT, OTHER, PERMIT, FOREIGNER_2017, FOREIGNER_2023)

CODE, OTHER_CODE = "4240000000000000000417410100", "4249999999999999999582410100"
"""Two e-credentials in the form of docs/protocols.md section 4, of nobody."""

END_OF_SLIP = "扫码可核验本凭条"
"""The last line of the sample slip: of a page that was broken off it must never be seen."""
SLIP = Page(
    (
        Text("社会保障卡", Align.CENTRE, scale=2, bold=True),
        Text("自助服务终端打印测试", Align.CENTRE),
        Rule(),
        Pair("办理事项", "打印测试"),
        Pair("办理结果", "已完成", bold=True),
        Rule(),
        Text("本凭条仅用于检验打印机，不含任何个人信息。如需咨询，请拨打12333。"),
        Qr("YB1.SAMPLE"),
        Text(END_OF_SLIP, Align.CENTRE),
    )
)


def page(text: str) -> Page:
    return Page((Text(text),))
