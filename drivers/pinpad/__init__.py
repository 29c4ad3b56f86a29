"""External PIN pads: the PIN blocks that they make, and a mock.

A visit asks a pad that gives plain digits (``kiosk.pin_entry``). A driver for a real one needs its maker's protocol,
which nobody publishes: it is found by its entry point (``yibao_kiosk.pin_pads``).
"""
