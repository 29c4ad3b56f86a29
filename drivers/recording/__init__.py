"""What a device said and heard, kept as a file without personal data, so that an incident becomes a test.

Nothing is imported here: a terminal in service loads none of it.
"""
