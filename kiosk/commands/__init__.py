"""One file for each command that needs no screen."""
