"""What the citizen sees: the only package that imports Qt. It draws scenes and takes answers; it decides nothing."""
