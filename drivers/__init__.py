"""Everything that touches hardware. Imports nothing of ours but itself."""
