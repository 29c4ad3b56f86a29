"""Scanners: the camera that reads codes from phone screens, and the stand-ins that play it."""
