"""Each deliberate bug is found by the days, and by an invariant that it breaks.

``python -m tests.simulation.deliberate_bugs`` looks for each from seed 0 on and says how many days it took; here
the faults that bring some of them to light are more frequent, so that the search ends soon.
"""

from __future__ import annotations

import pytest

from kiosk.commands import simulate as command
from kiosk.simulation.day.simulator import simulate
from tests.simulation.deliberate_bugs import BUGS, Bug, found_at

DAYS = 80
"""Within so many each is found here."""


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_is_found(bug: Bug) -> None:
    found = found_at(bug, DAYS, bug.faults)
    assert found is not None, "not noticed"
    assert found[1] in bug.breaks, f"noticed as {found[1]}"


def test_a_violation_is_told_with_the_way_to_see_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    bug = next(bug for bug in BUGS if bug.name == "card not released")
    run = simulate(1, parts=bug.parts)
    seed = run.violations[0]["seed"]
    command.tell(run)
    told = capsys.readouterr().out
    assert f"seed {seed}: {run.violations[0]['invariant']}" in told
    assert f"kiosk simulate --seeds 1 --from {seed} --trace" in told
    assert set(run.violations[0]) == {"seed", "invariant", "trace"}
    assert "WRONG" in "\n".join(run.violations[0]["trace"])
