"""The voice of the terminal: what is said (``lines``), how it is said (``speech``), and when (``narrator``)."""
