"""The virtual clock of ``kiosk/simulation/virtual_time.py``, under the name by which tests know it."""

from kiosk.simulation.virtual_time import NothingWillHappen, VirtualLoop, run

__all__ = ["NothingWillHappen", "VirtualLoop", "run"]
