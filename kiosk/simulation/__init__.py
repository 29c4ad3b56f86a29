"""The hall around a simulated terminal: its people, its devices, its faults."""
