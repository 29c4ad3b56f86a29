"""Resident-ID readers: the SDT serial reader, and the two stand-ins that play it."""
