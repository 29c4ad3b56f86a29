"""Invented identity documents, one of each kind, with valid check digits."""

from __future__ import annotations

from datetime import date

from drivers.api import DocumentKind, IdDocument

RESIDENT = IdDocument(
    kind=DocumentKind.RESIDENT,
    name="王秀兰",
    number="410103196207150021",
    sex="female",
    born=date(1962, 7, 15),
    valid_from=date(2012, 3, 1),
    valid_to=None,
    long_term=True,
    nation="01",
    address="河南省郑州市二七区样例路1号院2号楼3单元",
    issuer="郑州市公安局二七分局",
    photo=bytes(range(256)) * 4,
)
# Two characters outside the basic plane: four UTF-16 units.
RARE_NAME = IdDocument(
    kind=DocumentKind.RESIDENT,
    name="李𠮷𡈼",
    number="41010219900229001X",
    sex="male",
    born=date(1990, 2, 28),
    valid_from=date(2020, 1, 31),
    valid_to=date(2040, 1, 31),
    nation="03",
    address="河南省郑州市中原区样例街9号",
    issuer="郑州市公安局中原分局",
    photo=bytes(1024),
)
PERMIT = IdDocument(
    kind=DocumentKind.PERMIT,
    name="陈样例",
    number="810000197903120041",
    sex="female",
    born=date(1979, 3, 12),
    valid_from=date(2021, 6, 1),
    valid_to=date(2026, 6, 1),
    address="河南省郑州市金水区样例大道5号",
    issuer="郑州市公安局",
    photo=bytes(1024),
)
FOREIGNER_2017 = IdDocument(
    kind=DocumentKind.FOREIGNER_2017,
    name="样例",
    number="XXX310081010101",
    sex="male",
    born=date(1981, 1, 1),
    valid_from=date(2018, 5, 5),
    valid_to=date(2028, 5, 4),
    nation="XXX",
    name_latin="SAMPLE, JOHN EXAMPLE",
    issuer="1500",
    photo=bytes(1024),
)
FOREIGNER_2023 = IdDocument(
    kind=DocumentKind.FOREIGNER_2023,
    name="",
    number="932682198501010017",
    sex="male",
    born=date(1985, 1, 1),
    valid_from=date(2024, 2, 1),
    valid_to=date(2034, 1, 31),
    nation="XXX",
    # 46 characters, with a space at the seam between the two fields that hold it.
    name_latin="SAMPLE-WITH-A-VERY-LONG-NAME-OF-45 EXAMPLE ANN",
    photo=bytes(1024),
)
ALL = (RESIDENT, RARE_NAME, PERMIT, FOREIGNER_2017, FOREIGNER_2023)
