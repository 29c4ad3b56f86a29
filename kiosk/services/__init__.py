"""The services of the terminal, one file each. A new service is a new file and one line here."""

from __future__ import annotations

from kiosk.services import activation, balance, password
from kiosk.services.api import Service

ALL: tuple[Service, ...] = (activation.SERVICE, password.SERVICE, balance.SERVICE)
"""In the order in which the attract screen shows them."""

BY_ID = {service.id: service for service in (*ALL, password.RESET_SERVICE)}
"""Also those that only another service offers."""
