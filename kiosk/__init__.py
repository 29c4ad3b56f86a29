"""What the terminal does: visits, services, insurer, journal. No Qt and no vendor library."""

__version__ = "0.1.0"
