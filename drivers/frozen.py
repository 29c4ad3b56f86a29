"""Values: dataclasses that cannot be changed and are quickly made.

The standard library writes six methods of every ``@dataclass(frozen=True, slots=True)`` as text and compiles them one
by one, which takes half a millisecond, and a terminal has more than a hundred such classes before its first frame
(ADR 0016). Here ``__init__`` alone is written as text, for the others need none, and that when the first value of its
class is made; a class takes a tenth of the time. To mypy and to whoever reads it is the same decorator, and
``fields``, ``replace``, ``asdict``, ``match``, copies and pickles work as they always do. Python 3.13 compiles each
class's methods at once: from then on this module can go.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(
        *, frozen: Literal[True], slots: Literal[True], eq: bool = True, kw_only: bool = False
    ) -> Callable[[type[T]], type[T]]:
        """As that of the standard library. ``frozen`` and ``slots`` are said for mypy and for whoever reads."""
        if not (frozen and slots):
            raise TypeError("what may change, or has a dictionary, is made by the standard library's dataclass")

        def made(cls: type[T]) -> type[T]:
            value = dataclasses.dataclass(cls, init=False, repr=False, eq=False, slots=True, kw_only=kw_only)
            methods = {"__init__": _initial(value), "__repr__": _shown(value), **_FROZEN}
            for name, method in (methods | _comparing(value) if eq else methods).items():
                if name not in vars(value):
                    setattr(value, name, method)
            return value

        return made


Method = Callable[..., Any]


def _initial(cls: Any) -> Method:
    """Has the real one written by the first value, and leaves its place to it."""

    def initial(self: Any, *values: object, **named: object) -> None:
        cls.__init__ = _written(cls)
        cls.__init__(self, *values, **named)

    return initial


def _written(cls: Any) -> Method:
    """The one method that has to be written, for its parameters are the fields."""
    names: dict[str, Any] = {"_MISSING": dataclasses.MISSING}
    asked, lines = ["self"], []
    for field in sorted(dataclasses.fields(cls), key=lambda field: bool(field.kw_only)):
        name = value = field.name
        if field.kw_only and "*" not in asked:
            asked.append("*")
        if field.default is not dataclasses.MISSING:
            names[f"_else_{name}"] = field.default
            asked.append(f"{name}=_else_{name}")
        elif field.default_factory is not dataclasses.MISSING:
            names[f"_new_{name}"] = field.default_factory
            asked.append(f"{name}=_MISSING")
            value = f"_new_{name}() if {name} is _MISSING else {name}"
        else:
            asked.append(name)
        names[f"_put_{name}"] = getattr(cls, name).__set__  # the slot's own, which need not look for it first
        lines.append(f" _put_{name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    text = [f"def __init__({', '.join(asked)}):", *lines, " return None"]
    exec("\n".join(text), names)  # noqa: S102 - the names of our own fields
    made: Method = names["__init__"]
    return made


def _shown(cls: Any) -> Method:
    names = [field.name for field in dataclasses.fields(cls) if field.repr]

    def shown(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return shown


def _comparing(cls: Any) -> dict[str, Method]:
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
    content: Callable[[Any], object] = attrgetter(*names) if names else lambda _: ()

    def same(self: Any, other: Any) -> Any:
        return content(self) == content(other) if type(other) is type(self) else NotImplemented

    def hashed(self: Any) -> int:
        return hash(content(self))

    return {"__eq__": same, "__hash__": hashed}


def _refuse_to_set(_self: Any, name: str, _value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _restore(self: Any, state: tuple[None, dict[str, Any]]) -> None:
    """Of a copy or a pickle; the second of the state is what ``object.__getstate__`` finds in the slots."""
    for name, value in state[1].items():
        object.__setattr__(self, name, value)


_FROZEN = {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete, "__setstate__": _restore}
