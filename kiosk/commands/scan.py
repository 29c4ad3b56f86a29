"""``kiosk scan``: the codes in pictures and videos, or before a camera."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

from drivers import registry
from drivers.api import Condition, DeviceError, Remedy, Scanner
from drivers.scanner.camera import NotAPicture, scan_image
from kiosk.commands.failure import Failure


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="pictures or videos")
    parser.add_argument("--camera", metavar="N", help="a camera's number, device or URL, instead of files")
    parser.add_argument("--wait", type=float, default=30.0, metavar="S", help="seconds to wait before the camera")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    if bool(arguments.files) == bool(arguments.camera):
        raise Failure("name files to scan, or one camera with --camera", 2)
    if arguments.camera:
        _tell(
            f"camera {arguments.camera}", *asyncio.run(_watch(arguments.camera, arguments.wait)), as_json=arguments.json
        )
        return 0
    status = 0
    for file in arguments.files:
        begun = time.perf_counter()
        try:
            texts = scan_image(file)
        except NotAPicture as error:
            print(f"kiosk scan: {error}; give a picture or a video", file=sys.stderr)
            status = 1
            continue
        except OSError as error:
            print(f"kiosk scan: {file}: {error.strerror or error}", file=sys.stderr)
            status = 1
            continue
        _tell(str(file), texts, time.perf_counter() - begun, as_json=arguments.json)
    return status


async def _watch(camera: str, wait_s: float) -> tuple[list[str], float]:
    scanner = registry.build(registry.SCANNERS, f"camera:{camera}")
    begun = time.perf_counter()
    try:
        async with asyncio.timeout(wait_s):
            return [(await scanner.scan()).text], time.perf_counter() - begun
    except TimeoutError as error:
        raise Failure(f"no code within {wait_s:g} s; hold one before the camera", 4) from error
    except DeviceError as error:
        raise Failure(await _what_to_do(camera, scanner, error), 3) from error
    finally:
        await scanner.close()


async def _what_to_do(camera: str, scanner: Scanner, error: DeviceError) -> str:
    health = await scanner.health()
    if health.remedy is Remedy.CONFIGURATION:
        return health.detail  # the group that this user lacks
    if health.condition is Condition.NO_DEVICE:
        return f"no camera {camera}: plug it in, or name one of those that ls /dev/video* shows"
    elsewhere = "stop any other program that has it; a terminal that runs is one"
    return f"no pictures from camera {camera}: {error}; check its cable or address, and {elsewhere}"


def _tell(file: str, texts: list[str], seconds: float, *, as_json: bool) -> None:
    ms = round(seconds * 1000, 1)
    if as_json:
        print(json.dumps({"file": file, "texts": texts, "ms": ms}, ensure_ascii=False))
    else:
        print(f"{file}: {', '.join(texts) or 'no code'} ({ms} ms)")
