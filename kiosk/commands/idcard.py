"""``kiosk idcard``: one identity document from the reader."""

from __future__ import annotations

import argparse
import asyncio
import json

from drivers import registry
from drivers.api import DeviceError, DeviceInUse, DeviceLost
from kiosk.commands.failure import IN_USE, Failure
from kiosk.text import mask_id_number, mask_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", default="/dev/ttyUSB0", help="serial port of the reader")
    parser.add_argument("--wait", type=float, default=30.0, metavar="S", help="seconds to wait for a document")
    parser.add_argument("--reveal", action="store_true", help="show personal fields in full instead of masked")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")


def run(arguments: argparse.Namespace) -> int:
    fields = asyncio.run(_read(arguments.port, arguments.wait, reveal=arguments.reveal))
    if arguments.json:
        print(json.dumps(fields, ensure_ascii=False))
    else:
        for name, value in fields.items():
            print(f"{name:12} {value}")
    return 0


async def _read(port: str, wait_s: float, *, reveal: bool) -> dict[str, str | None]:
    reader = registry.build(registry.ID_READERS, f"sdt:{port}")
    try:
        async with asyncio.timeout(wait_s):
            document = await reader.document()
    except TimeoutError as error:
        raise Failure(f"no document within {wait_s:g} s; lay one on the pad", 4) from error
    except DeviceInUse as error:
        raise Failure(f"{error}; {IN_USE}", 3) from error
    except DeviceLost as error:
        raise Failure(f"no ID reader on {port}: {error}; check the cable and the port", 3) from error
    except DeviceError as error:
        raise Failure(
            f"the document cannot be read ({type(error).__name__}); lift it and lay it down again", 6
        ) from error
    finally:
        await reader.close()
    return {
        "kind": document.kind.value,
        "name": document.name if reveal else mask_name(document.name),
        "number": document.number if reveal else mask_id_number(document.number),
        "sex": document.sex,
        "valid_from": document.valid_from.isoformat() if document.valid_from else None,
        "valid_to": "long-term" if document.long_term else document.valid_to.isoformat() if document.valid_to else None,
    }
