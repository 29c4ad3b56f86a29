"""Where the frozen program begins on Windows. It is also the interpreter of its own children: a device's child process
is started as ``kiosk.exe -s -P -S -c CODE …``, as Python would be.
"""

from __future__ import annotations

import sys


def main() -> int:
    if sys.argv[1:5] == ["-s", "-P", "-S", "-c"]:
        code, sys.argv = sys.argv[5], ["-c", *sys.argv[6:]]
        exec(compile(code, "<child>", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own drivers.host_child
        return 0
    from kiosk.__main__ import main as command

    return command()


if __name__ == "__main__":
    sys.exit(main())
