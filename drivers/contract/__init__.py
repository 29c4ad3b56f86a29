"""The manners of every device kind as part of the product: what an integrator's driver is certified by.

Nothing is imported here: a terminal in service never loads its own examination.
"""
