"""PIN blocks: how digits and an account number become the bytes that leave a PIN pad (docs/protocols.md section 5).

Owns ISO 9564 formats 0, 3 and 4 and the two SM4 habits of section 5.2, in both directions. Every secret lies in a
bytearray that is wiped here or by the caller who gets it; no key is kept. It refuses digits and accounts that cannot
be, and a block that does not open to a whole PIN, without saying what it saw.

Triple DES and AES for formats 0, 3 and 4, SM4 for the SM4 habits: nothing public describes format 4 with SM4.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4

from drivers.api import PinFormat

LEAST, MOST = 4, 12
"""Digits of a PIN (ISO 9564-1, 8.1)."""

Dice = Callable[[int], bytes]
"""So many random bytes; ``os.urandom`` on a terminal."""

_FILL = 0x0F
_FILL_4 = 0x0A
_ACCOUNT_DIGITS = 12
_ACCOUNT_MOST = 19
"""Digits of a primary account number (ISO/IEC 7812-1)."""


class BadPinBlock(ValueError):
    """The block does not open to a PIN with this key and account."""


def wipe(*buffers: bytearray) -> None:
    """Overwrite buffers that held a secret; their length stays."""
    for buffer in buffers:
        buffer[:] = bytes(len(buffer))


# --- clear blocks ----------------------------------------------------------------------------------------------------


def iso_0(pin: bytearray, account: str) -> bytearray:
    """``0 L digits F…`` XOR ``0000`` and the 12 rightmost digits of the account without its check digit (5.1)."""
    block = _digits(0, pin, 8, _FILL)
    _xor(block, _account(account, 8))
    return block


def iso_3(pin: bytearray, account: str, dice: Dice) -> bytearray:
    """As format 0 with ``3`` in front and random fill from A to F, so that the same PIN never looks the same."""
    block = _digits(3, pin, 8, _FILL)
    for at in range(2 + len(pin), 16):
        _put(block, at, _ten_to_fifteen(dice))
    _xor(block, _account(account, 8))
    return block


def iso_4_pin(pin: bytearray, dice: Dice) -> bytearray:
    """The PIN field of format 4: ``4 L digits A…`` and 8 random bytes."""
    field = _digits(4, pin, 16, _FILL_4)
    field[8:] = dice(8)
    return field


def iso_4_account(account: str) -> bytes:
    """The account field of format 4: its length less 12, the digits with the check digit, zeros."""
    _check_account(account)
    digits = account.rjust(_ACCOUNT_DIGITS, "0")
    return bytes.fromhex(f"{len(digits) - _ACCOUNT_DIGITS}{digits}".ljust(32, "0"))


def sm4_16(pin: bytearray, account: str) -> bytearray:
    """Habit (a): ``06 digits F…`` of 16 bytes XOR the 12 digits at the right end (5.2)."""
    block = _digits(0, pin, 16, _FILL)
    _xor(block, _account(account, 16))
    return block


def sm4_8(pin: bytearray, account: str, fill: bytes) -> bytearray:
    """Habit (b): the block of format 0 and 8 bytes of fill, which both ends have agreed on."""
    if len(fill) != 8:
        raise ValueError("the fill is 8 bytes")
    block = iso_0(pin, account)
    whole = block + fill
    wipe(block)
    return whole


# --- encrypted blocks ------------------------------------------------------------------------------------------------


def seal(form: PinFormat, key: bytes, pin: bytearray, account: str, dice: Dice, *, fill: bytes = b"\xff" * 8) -> bytes:
    """The encrypted block. ``pin`` is ASCII digits and stays the caller's; ``fill`` is for SM4_8 alone.

    Raises ValueError for digits, an account or a key that cannot be.
    """
    match form:
        case PinFormat.ISO_0:
            clear = iso_0(pin, account)
        case PinFormat.ISO_3:
            clear = iso_3(pin, account, dice)
        case PinFormat.ISO_4:
            return _seal_4(key, pin, account, dice)
        case PinFormat.SM4_16:
            clear = sm4_16(pin, account)
        case PinFormat.SM4_8:
            clear = sm4_8(pin, account, fill)
    sealed = _through(_cipher(form, key).encryptor(), clear)
    wipe(clear)
    return bytes(sealed)


def open_block(form: PinFormat, key: bytes, block: bytes, account: str, *, fill: bytes = b"\xff" * 8) -> bytearray:
    """The digits in an encrypted block, in a buffer that the caller wipes; for the far end and for tests.

    Raises BadPinBlock.
    """
    if len(block) != (8 if form in (PinFormat.ISO_0, PinFormat.ISO_3) else 16):
        raise BadPinBlock("a block of another size")
    clear = _through(_cipher(form, key).decryptor(), block)
    try:
        match form:
            case PinFormat.ISO_0:
                _xor(clear, _account(account, 8))
                return _read(clear, 0, {_FILL})
            case PinFormat.ISO_3:
                _xor(clear, _account(account, 8))
                return _read(clear, 3, set(range(10, 16)))
            case PinFormat.ISO_4:
                _xor(clear, iso_4_account(account))
                field = _through(_cipher(form, key).decryptor(), clear)
                try:
                    return _read(field[:8], 4, {_FILL_4})
                finally:
                    wipe(field)
            case PinFormat.SM4_16:
                _xor(clear, _account(account, 16))
                return _read(clear, 0, {_FILL})
            case PinFormat.SM4_8:
                if clear[8:] != fill:
                    raise BadPinBlock("another fill")
                short = clear[:8]
                _xor(short, _account(account, 8))
                return _read(short, 0, {_FILL})
    finally:
        wipe(clear)


def check_value(form: PinFormat, key: bytes) -> bytes:
    """What two holders of a key compare: a block of zeros encrypted (5.2; of SM4 the first 8 bytes, or 4)."""
    size = 8 if form in (PinFormat.ISO_0, PinFormat.ISO_3) else 16
    return bytes(_through(_cipher(form, key).encryptor(), bytes(size)))[:8]


def _seal_4(key: bytes, pin: bytearray, account: str, dice: Dice) -> bytes:
    """AES of (AES of the PIN field XOR the account field)."""
    outer = iso_4_account(account)
    field = iso_4_pin(pin, dice)
    middle = _through(_cipher(PinFormat.ISO_4, key).encryptor(), field)
    wipe(field)
    _xor(middle, outer)
    return bytes(_through(_cipher(PinFormat.ISO_4, key).encryptor(), middle))


def _cipher(form: PinFormat, key: bytes) -> Cipher[modes.ECB]:
    match form:
        case PinFormat.ISO_0 | PinFormat.ISO_3:
            if len(key) not in (16, 24):
                raise ValueError("a key of formats 0 and 3 has 16 or 24 bytes")
            return Cipher(TripleDES((key + key[:8])[:24]), modes.ECB())  # noqa: S305 - one block
        case PinFormat.ISO_4:
            return Cipher(AES(key), modes.ECB())  # noqa: S305 - one block, as the format has it
        case _:
            return Cipher(SM4(key), modes.ECB())  # noqa: S305 - one block


def _through(context: CipherContext, data: bytes | bytearray) -> bytearray:
    """Into a buffer that can be wiped, not into ``bytes``."""
    room = bytearray(len(data) + 15)  # update_into wants a block more, less one byte
    del room[context.update_into(data, room) :]
    return room


# --- nibbles ---------------------------------------------------------------------------------------------------------


def _put(block: bytearray, at: int, nibble: int) -> None:
    if at % 2:
        block[at // 2] = block[at // 2] & 0xF0 | nibble
    else:
        block[at // 2] = block[at // 2] & 0x0F | nibble << 4


def _get(block: bytearray, at: int) -> int:
    return block[at // 2] & 0x0F if at % 2 else block[at // 2] >> 4


def _digits(control: int, pin: bytearray, size: int, fill: int) -> bytearray:
    """The control digit, the length, the digits, the fill."""
    if not LEAST <= len(pin) <= MOST or not all(0x30 <= digit <= 0x39 for digit in pin):
        raise ValueError(f"a PIN is {LEAST} to {MOST} ASCII digits")
    block = bytearray([fill << 4 | fill]) * size
    _put(block, 0, control)
    _put(block, 1, len(pin))
    for at, digit in enumerate(pin, 2):
        _put(block, at, digit - 0x30)
    return block


def _read(block: bytearray, control: int, fill: set[int]) -> bytearray:
    """The inverse of :func:`_digits`; wipes the block."""
    pin = bytearray(MOST)
    try:
        length = _get(block, 1)
        good = _get(block, 0) == control and LEAST <= length <= MOST
        for at in range(2, 2 * len(block)):
            nibble = _get(block, at)
            if at < 2 + length and at - 2 < MOST:
                good = good and nibble <= 9
                pin[at - 2] = 0x30 + nibble
            else:
                good = good and nibble in fill
        if not good:
            wipe(pin)
            raise BadPinBlock("no PIN of this format, key and account")
        digits = pin[:length]
        wipe(pin)
        return digits
    finally:
        wipe(block)


def _xor(block: bytearray, other: bytes) -> None:
    for at, byte in enumerate(other):
        block[at] ^= byte


def _check_account(account: str) -> None:
    if not (account.isascii() and account.isdigit() and len(account) <= _ACCOUNT_MOST):
        raise ValueError(f"an account number is 1 to {_ACCOUNT_MOST} digits")


def _account(account: str, size: int) -> bytes:
    """The 12 rightmost digits without the check digit, at the right end of so many bytes."""
    _check_account(account)
    digits = account[:-1][-_ACCOUNT_DIGITS:].rjust(_ACCOUNT_DIGITS, "0")
    return bytes.fromhex(digits).rjust(size, b"\0")


def _ten_to_fifteen(dice: Dice) -> int:
    """An even throw: 252 is the greatest multiple of six within a byte."""
    while (throw := dice(1)[0]) >= 252:
        pass
    return 10 + throw % 6
