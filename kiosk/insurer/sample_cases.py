"""The named cases: one invented person for each thing that can happen at the terminal.

A slug, once here, stays: the dock lists the cases with their line, the demo and the tests pick them. Names,
numbers and chips never depend on the day; ages therefore grow as they do for everybody.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date, timedelta
from typing import Any

from drivers.api import DocumentKind
from drivers.card.authority import Algorithm
from drivers.frozen import dataclass
from kiosk.insurer.api import CardState, InsuranceStatus, Person
from kiosk.insurer.people import (
    HOME_REGION,
    INITIAL_PIN,
    SAMPLE_PIN,
    SamplePerson,
    address_in,
    chip_for,
    document_for,
    id_number,
)
from kiosk.insurer.sample_ledger import Income, SampleAccount, history

_EMPLOYEE: Mapping[str, Any] = {}
_RETIRED: Mapping[str, Any] = {"income": Income.PENSION, "wage": 11_800, "opening": 1_386_420}
_RESIDENT: Mapping[str, Any] = {
    "insurance": "390",
    "income": Income.NONE,
    "opening": 0,
    "outings": 0,
    "months": 1,
}
_SUPPLEMENT: Mapping[str, Any] = {
    "insurance": "320",
    "income": Income.YEARLY,
    "wage": 60_000,
    "opening": 31_200,
    "outings": 1,
}


@dataclass(frozen=True, slots=True)
class _Case:
    slug: str
    english: str
    chinese: str
    name: str
    born: date
    sequence: int
    """Three digits of the identity number; odd for a man."""
    division: str = "410105"
    nation: str = "01"
    state: CardState = CardState.ACTIVE
    days: int = 400
    """How many days ago the card came into its state."""
    bank: str = "ccb"
    region: str = HOME_REGION
    pin: str = SAMPLE_PIN
    accounts: tuple[Mapping[str, Any], ...] = (_EMPLOYEE,)
    chip: Mapping[str, Any] = field(default_factory=dict)
    """What differs in the chip."""


_ISSUED: Mapping[str, Any] = {"state": CardState.ISSUED, "days": 20, "pin": INITIAL_PIN}
_UNKNOWN: Mapping[str, Any] = {"state": CardState.UNKNOWN, "accounts": ()}

# fmt: off
_CASES = (
    _Case(
        "issued", "new card to activate, woman of 78, proves herself with the ID card",
        "新卡待激活：78岁老人，刷身份证",
        "王秀英", date(1948, 3, 9), 902,
        accounts=(_RETIRED,), **_ISSUED,
    ),
    _Case(
        "issued_ecredential", "new card to activate, proves himself with the e-credential on his phone",
        "新卡待激活：出示医保电子凭证",
        "李志强", date(1980, 11, 2), 911,
        division="410103", bank="icbc", **_ISSUED,
    ),
    _Case(
        "active", "card in use, employee insurance, a year of movements: balance and password",
        "正常使用：职工医保，有一年收支明细",
        "张建国", date(1979, 6, 18), 913,
        division="410102",
    ),
    _Case(
        "active_retired", "card in use, retired, fixed monthly amount",
        "正常使用：退休职工",
        "刘玉兰", date(1957, 1, 25), 914,
        bank="abc", accounts=(_RETIRED,),
    ),
    _Case(
        "locked_pin", "password locked: no tries left on the chip",
        "密码已锁：剩余0次",
        "陈国强", date(1966, 8, 30), 915,
        chip={"tries_left": 0},
    ),
    _Case(
        "one_try_left", "one try left before the password locks",
        "密码只剩1次机会",
        "杨桂英", date(1961, 4, 4), 916,
        chip={"tries_left": 1},
    ),
    _Case(
        "initial_pin", "card in use that still has its initial password",
        "仍在使用初始密码",
        "赵春梅", date(1972, 12, 12), 918,
        pin=INITIAL_PIN,
    ),
    _Case(
        "two_insurances", "two insurances: employee basic and civil-servant supplement",
        "两个险种：职工基本医保和公务员补助",
        "黄文博", date(1985, 5, 21), 917,
        bank="boc", accounts=(_EMPLOYEE, _SUPPLEMENT),
    ),
    _Case(
        "resident", "resident insurance only: an account without contributions",
        "只参加城乡居民医保",
        "周翠花", date(1969, 7, 7), 920,
        division="410122", bank="psbc", accounts=(_RESIDENT,),
    ),
    _Case(
        "empty_account", "employee insurance, nothing in the account",
        "账户余额为零",
        "吴磊", date(1996, 2, 14), 919,
        accounts=({"income": Income.NONE, "opening": 0, "outings": 0},),
    ),
    _Case(
        "not_insured", "card in use, but no insurance at all",
        "有卡但没有参保",
        "徐静", date(2001, 10, 1), 922,
        accounts=(),
    ),
    _Case(
        "suspended_insurance", "insurance suspended: the employer stopped paying four months ago",
        "参保暂停：单位停缴四个月",
        "孙海涛", date(1983, 3, 3), 921,
        accounts=({"status": InsuranceStatus.SUSPENDED, "stopped_before": 4},),
    ),
    _Case(
        "busy_month", "very many movements in each month: long slips, many pages",
        "每月明细很多：长凭条、多页",
        "马德胜", date(1954, 9, 19), 923,
        nation="03", accounts=({**_RETIRED, "opening": 12_480_000, "outings": 60},),
    ),
    _Case(
        "minor", "a child's new card: the guardian stands at the terminal",
        "儿童新卡：由监护人代办",
        "朱梓涵", date(2017, 6, 1), 924,
        accounts=(_RESIDENT,), **_ISSUED,
    ),
    _Case(
        "expired_id", "new card, but the ID card has run out",
        "身份证已过期",
        "胡艳", date(1990, 1, 8), 926,
        **_ISSUED,
    ),
    _Case(
        "id_mismatch", "new card, but a neighbour's ID card is laid down",
        "放上的是别人的身份证",
        "郭明", date(1975, 5, 5), 925,
        **_ISSUED,
    ),
    _Case(
        "permit_holder", "new card of a Taiwan resident with a residence permit",
        "台湾居民居住证",
        "林若曦", date(1988, 8, 16), 928,
        division="830000", **_ISSUED,
    ),
    _Case(
        "number_with_x", "identity number that ends with X",
        "身份证号末位为X",
        "何丽", date(1968, 2, 29), 900,
        **_ISSUED,
    ),
    _Case(
        "rare_name", "name outside GBK: four bytes in GB 18030, and one of Extension B",
        "生僻字姓名",
        "罗㛃𠅤", date(1993, 9, 9), 930,
        **_ISSUED,
    ),
    _Case(
        "minority_name", "name with a middle dot",
        "少数民族姓名（间隔号）",
        "阿依古丽·买买提", date(1989, 3, 21), 932,
        division="653101", nation="05", **_ISSUED,
    ),
    _Case(
        "long_name", "name too long for its field: continued in 4E, cut on the ID card",
        "超长姓名（扩展字段）",
        "阿卜杜热合曼·阿卜杜克里木·吐尔逊江", date(1984, 7, 13), 931,
        division="653101", nation="05", **_ISSUED,
    ),
    _Case(
        "four_character_name", "two-character surname",
        "复姓四字姓名",
        "欧阳若曦", date(1998, 4, 27), 934,
        bank="zzb",
    ),
    _Case(
        "lost", "reported lost in writing",
        "已正式挂失",
        "高勇", date(1977, 10, 10), 933,
        state=CardState.LOST, days=12,
    ),
    _Case(
        "temporarily_lost", "reported lost by telephone",
        "临时挂失",
        "郑红霞", date(1963, 6, 6), 936,
        state=CardState.TEMPORARILY_LOST, days=2,
    ),
    _Case(
        "cancelled", "cancelled: a new card replaced it",
        "已注销（已换新卡）",
        "梁福生", date(1951, 12, 30), 935,
        state=CardState.CANCELLED, days=90,
    ),
    _Case(
        "in_making", "still being made, by the insurer's books",
        "制卡中",
        "谢佳宁", date(2003, 3, 15), 938,
        state=CardState.IN_MAKING, days=9, pin=INITIAL_PIN,
    ),
    _Case(
        "sealed", "sealed after moving away",
        "已封存",
        "宋长青", date(1959, 11, 11), 937,
        division="340102", state=CardState.SEALED, days=200,
    ),
    _Case(
        "unknown", "a Zhengzhou card that the insurer does not know",
        "系统查无此卡",
        "唐敏", date(1994, 7, 22), 940,
        **_UNKNOWN,
    ),
    _Case(
        "other_region", "card issued in Luoyang",
        "洛阳发行的卡",
        "许金山", date(1970, 4, 18), 939,
        division="410302", region="410300", **_UNKNOWN,
    ),
    _Case(
        "version_1_ascii_dates", "old card of version 1.00, years stored as text",
        "老卡（1.00版，日期为文本）",
        "邓淑珍", date(1949, 2, 2), 942,
        accounts=(_RETIRED,), chip={"version": "1.00", "dates_in_ascii": True, "tries": 3, "tries_left": 3},
    ),
    _Case(
        "sm4_card", "third-generation card: SM4, must be unlocked before it can be read",
        "第三代卡（国密SM4）",
        "冯俊杰", date(1999, 8, 8), 941,
        chip={"version": "3.00", "algorithm": Algorithm.SM4, "read_key_required": True},
    ),
    _Case(
        "sm4_issued", "third-generation card (SM4) to activate",
        "第三代新卡待激活（国密SM4）",
        "韩雨涵", date(2000, 1, 31), 944,
        chip={"version": "3.00", "algorithm": Algorithm.SM4, "read_key_required": True}, **_ISSUED,
    ),
)
# fmt: on


def named_cases(today: date) -> tuple[SamplePerson, ...]:
    """Every named case as of ``today``, in the order in which the dock lists them."""
    cases = {case.slug: _build(case, today) for case in _CASES}
    _expire_document(cases, today)
    cases["id_mismatch"] = replace(cases["id_mismatch"], document=cases["active"].document)
    permit = cases["permit_holder"]
    cases["permit_holder"] = replace(permit, document=replace(permit.document, kind=DocumentKind.PERMIT, nation=""))
    return tuple(cases.values())


def _expire_document(cases: dict[str, SamplePerson], today: date) -> None:
    expired = cases["expired_id"]
    document = replace(
        expired.document,
        valid_from=date(today.year - 20, 1, 1),
        valid_to=today - timedelta(days=30),
        long_term=False,
    )
    cases["expired_id"] = replace(expired, document=document)


def _build(case: _Case, today: date) -> SamplePerson:
    sex = "male" if case.sequence % 2 else "female"
    number = id_number(case.division, case.born, case.sequence)
    address, issuer = address_in(case.division, case.sequence % 100 + 1)
    chip = chip_for(
        case.slug,
        name=case.name,
        number=number,
        sex=sex,
        nation=case.nation,
        born=case.born,
        today=today,
        region=case.region,
        pin=case.pin,
    )
    return SamplePerson(
        slug=case.slug,
        english=case.english,
        chinese=case.chinese,
        person=Person(case.name, number, case.born),
        chip=replace(chip, **case.chip),
        state=case.state,
        since=None if case.state is CardState.UNKNOWN else today - timedelta(days=case.days),
        bank=case.bank,
        accounts=_accounts(case, today),
        document=document_for(
            name=case.name,
            number=number,
            sex=sex,
            nation=case.nation,
            born=case.born,
            today=today,
            address=address,
            issuer=issuer,
        ),
    )


def _accounts(case: _Case, today: date) -> tuple[SampleAccount, ...]:
    rng = random.Random(f"accounts of {case.slug}")  # noqa: S311 - invented money
    # The account of a card that was never activated cannot be spent from.
    unused = {"outings": 0} if case.state in (CardState.ISSUED, CardState.IN_MAKING) else {}
    wage = {"wage": rng.randrange(450_000, 1_200_000, 5_000)}
    return tuple(history(rng, today, **{**wage, **account, **unused}) for account in case.accounts)
