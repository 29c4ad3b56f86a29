"""External PIN pads: the PIN blocks that they make, and a mock.

No visit asks a pad yet: the keypad on the glass is the terminal's only way to a PIN, and a driver for a real pad needs
its maker's protocol and key ceremony. What is here is what both will share.
"""
