"""Slips: what they say (slip), how that is laid out (layout), and the seal that proves them genuine (seal)."""
