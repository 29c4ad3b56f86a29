"""Speech: an engine in a program of its own, recordings in its place, where the sound goes, and a mock."""
