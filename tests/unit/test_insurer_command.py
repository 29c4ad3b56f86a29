"""``kiosk insurer``: what it says of the papers that are there, and of words that it cannot take."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.__main__ import main


@pytest.mark.parametrize("port", ["99999", "-1", "65536", "a", "1" * 5000, "٣"])
def test_a_port_that_is_none_is_told_in_one_line(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["insurer", "serve", f"--port={port}"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "is no port; write a number from 0 to 65535" in told
    assert told.count("\n") == 1


def test_the_names_that_are_told_are_those_in_the_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A certificate that is there is kept; whoever asks for another name must hear that it has not got it."""
    papers = tmp_path / "papers"
    make = ["insurer", "certificates", "--out", str(papers)]
    assert main(make) == 0
    assert capsys.readouterr() == (f"{papers}: CA, server (localhost, 127.0.0.1) and terminals ZZ-0001\n", "")
    assert main([*make, "--host", "localhost", "--host", "example.org"]) == 0
    out, err = capsys.readouterr()
    assert "server (localhost, 127.0.0.1)" in out
    assert "does not name example.org; move it and server.key away" in err
    assert err.count("\n") == 1
    for name in ("server.pem", "server.key"):
        (papers / name).unlink()
    assert main([*make, "--host", "example.org", "--host", "::1"]) == 0
    assert capsys.readouterr() == (f"{papers}: CA, server (example.org, ::1) and terminals ZZ-0001\n", "")
