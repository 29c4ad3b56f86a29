"""The insurer: what the terminal asks of it (api) and the ways to reach one."""
