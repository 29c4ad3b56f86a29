"""Receipt printers: the ESC/POS driver and what it prints through, its mock and its virtual peer.

Nothing is imported here, so that a terminal that prints through CUPS never loads the ESC/POS code.
"""
