"""Invented identity documents for the tests: those of the contract suite, and one whose name is rarer than theirs."""

from __future__ import annotations

from datetime import date

from drivers.api import DocumentKind, IdDocument
from drivers.contract.samples import DOCUMENTS, FOREIGNER_2017, FOREIGNER_2023, OTHER, PERMIT, RESIDENT

RARE_NAME = IdDocument(
    kind=DocumentKind.RESIDENT,
    name="李𠮷𡈼",  # two characters outside the basic plane: four UTF-16 units
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
ALL = (*DOCUMENTS, RARE_NAME)

__all__ = ["ALL", "FOREIGNER_2017", "FOREIGNER_2023", "OTHER", "PERMIT", "RARE_NAME", "RESIDENT"]
