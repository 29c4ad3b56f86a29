"""One day of one terminal, whole and repeatable: people who come, weather in which things fail, and what must be true.

A day grows from one seed. The same seed gives the same day, byte for byte, on every machine and in every process. What
goes wrong and how often is drawn anew for each day; what must hold afterwards never changes.
"""
