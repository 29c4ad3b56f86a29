"""Values behave as the standard library's frozen dataclasses with slots: each claim is tried on both."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import pytest

from drivers import frozen

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs(Generic[T]):
    """What a value is measured by."""

    number: int
    name: str = dataclasses.field(default="", repr=False)
    note: str = dataclasses.field(default="", compare=False)
    counts: Mapping[str, int] = dataclasses.field(default_factory=dict, compare=False)


@frozen.dataclass(frozen=True, slots=True)
class Ours(Generic[T]):
    """The same, made quickly."""

    number: int
    name: str = dataclasses.field(default="", repr=False)
    note: str = dataclasses.field(default="", compare=False)
    counts: Mapping[str, int] = dataclasses.field(default_factory=dict, compare=False)


both = pytest.mark.parametrize("made", [Theirs, Ours])
Made = Callable[..., Any]


@both
def test_equal_is_what_is_equal_in_all_that_is_compared(made: Made) -> None:
    assert made(1, "a", note="x") == made(1, "a", note="y")
    assert made(1, "a") != made(1, "b")
    assert made(1) != 1
    assert len({made(1, "a"), made(1, "a", note="y"), made(2, "a")}) == 2


def test_values_of_two_classes_are_never_equal() -> None:
    ours: object = Ours(1)
    assert ours != Theirs(1)


@both
def test_what_shall_not_be_shown_is_not_shown(made: Made) -> None:
    assert repr(made(1, "段某", note="x")) == f"{made.__qualname__}(number=1, note='x', counts={{}})"


@both
def test_no_field_is_set_twice_or_deleted_and_none_is_added(made: Made) -> None:
    value = made(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.number = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        del value.number
    with pytest.raises((AttributeError, TypeError)):
        value.other = 3
    assert value == made(1)
    assert not hasattr(value, "__dict__")


@both
def test_the_librarys_functions_take_it(made: Made) -> None:
    value = made(1, "a", counts={"b": 2})
    assert [field.name for field in dataclasses.fields(value)] == ["number", "name", "note", "counts"]
    assert dataclasses.replace(value, name="c") == made(1, "c")
    assert dataclasses.is_dataclass(type(value))
    assert dataclasses.asdict(value) == {"number": 1, "name": "a", "note": "", "counts": {"b": 2}}
    match value:
        case Ours(number, "a") | Theirs(number, "a"):
            assert number == 1
        case _:
            pytest.fail("it has no places to match by")


@both
def test_copies_and_pickles_are_equal_and_as_unchangeable(made: Made) -> None:
    value = made(1, "a", counts={"b": 2})
    for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert twin == value
        assert twin.counts == {"b": 2}
        with pytest.raises(dataclasses.FrozenInstanceError):
            twin.number = 2


def test_what_a_class_says_itself_stays() -> None:
    @frozen.dataclass(frozen=True, slots=True)
    class Told:
        number: int

        def __post_init__(self) -> None:
            if self.number < 0:
                raise ValueError("number")

        def __repr__(self) -> str:
            return "told"

    assert repr(Told(1)) == "told"
    with pytest.raises(ValueError, match="number"):
        Told(-1)


def test_one_without_equality_is_itself_alone() -> None:
    @frozen.dataclass(frozen=True, slots=True, eq=False)
    class Picture:
        width: int

    picture = Picture(1)
    assert picture != Picture(1)
    assert {picture: 1}[picture] == 1


def test_names_can_be_asked_for() -> None:
    @frozen.dataclass(frozen=True, slots=True, kw_only=True)
    class Named:
        a: int
        b: int = 2

    assert Named(a=1).b == 2
    with pytest.raises(TypeError):
        Named(1)  # type: ignore[call-arg]


def test_one_without_fields_has_equals() -> None:
    @frozen.dataclass(frozen=True, slots=True)
    class Nothing:
        pass

    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())
    assert repr(Nothing()).endswith("Nothing()")
