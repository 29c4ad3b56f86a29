"""What every screen has in common: its name, its wording, and the answers it takes. Its kinds live beside it."""

from __future__ import annotations

from typing import ClassVar, Generic, Self, TypeVar

from kiosk.screens.answers import Answer

A_co = TypeVar("A_co", bound=Answer, covariant=True)


class Screen(Generic[A_co]):
    """Base of all screens; ``A_co`` is the answer that :meth:`kiosk.visit.Visit.ask` returns for it."""

    __slots__ = ()

    answers: ClassVar[tuple[type[Answer], ...]] = ()
    """Answer types that this screen takes, beside Finish, Prefer, Listen and Touched."""
    can_finish: ClassVar[bool] = True
    """Whether 结束办理 stands in the footer."""
    heeded: ClassVar[bool] = True
    """Whether somebody waits there for wishes, the voice's among them: between visits, and at staff's, nobody does."""
    private: ClassVar[frozenset[str]] = frozenset()
    """Fields whose values are spoken only when the citizen asks for it, for others hear them too."""

    @property
    def name(self) -> str:
        return type(self).__name__

    @property
    def variant(self) -> str | None:
        """Which wording of this screen; ``None`` for the plain one."""
        problem = getattr(self, "problem", None)
        return None if problem is None else str(problem)

    def without_more(self) -> Self:
        """The same with nothing to go on to: while somebody else's card is in, this citizen's cannot be."""
        return self
