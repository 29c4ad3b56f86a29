"""The dock: a second window that plays the hardware by hand, where devices are simulated and nowhere else."""
