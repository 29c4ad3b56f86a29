"""Operator mode: what hall staff and engineers do at the terminal itself, behind a gesture and a credential.

``gesture`` recognises the way in, ``entry`` asks who it is (``credentials``, ``lockout``), ``session`` is the mode
itself. ``kept`` remembers over a restart what staff have set. Everything staff do stands in the journal.
"""
