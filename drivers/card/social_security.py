"""The social-security card as an application, on top of bytes: who holds it, and its password.

It speaks APDUs to any ``drivers.api.Card``, finds out by itself which of the read forms in the field the card
understands, and holds no key: cryptograms come from a :class:`ChipAuthority`. It refuses to guess. A password change
counts only once the card has accepted the new password in a VERIFY of its own, VERIFY is never sent more often than
asked for, and a status word that is not in the table of docs/protocols.md section 1.5 is an error, not a success.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from drivers.api import Card, CardError, Response
from drivers.card import apdu, records
from drivers.card.apdu import command, exchange, transmit, wipe
from drivers.card.authority import Algorithm, ChipAuthority, ChipIdentity
from drivers.card.social_security_values import (
    SSSE,
    ApplicationLocked,
    AuthenticationFailed,
    CardFace,
    CardLayout,
    Holder,
    MalformedRecord,
    MissingRecord,
    NotSocialSecurityCard,
    PinBlocked,
    PinNotProved,
    ReadForm,
    ReadKeyRequired,
    UnexpectedStatus,
    UnknownAlgorithm,
    WrongPin,
)

__all__ = [
    "EF05",
    "EF06",
    "SSSE",
    "ApplicationLocked",
    "AuthenticationFailed",
    "CardFace",
    "CardLayout",
    "Holder",
    "MalformedRecord",
    "MissingRecord",
    "NotSocialSecurityCard",
    "PinBlocked",
    "PinNotProved",
    "ReadForm",
    "ReadKeyRequired",
    "SocialSecurityCard",
    "UnexpectedStatus",
    "UnknownAlgorithm",
    "WrongPin",
]

_log = logging.getLogger(__name__)

EF05, EF06 = 0xEF05, 0xEF06
"""Issuing data and holder data (section 1.2)."""

_FACE_SIZES = {0x01: 16, 0x02: 1, 0x03: 4, 0x04: 12, 0x05: 4, 0x06: 4, 0x07: 9}
_HOLDER_SIZES_V1 = {0x08: 18, 0x09: 30, 0x0A: 1, 0x0B: 1, 0x0C: 3, 0x0D: 4}
_HOLDER_SIZES = {0x08: 18, 0x09: 30, 0x4E: 20, 0x0A: 1, 0x0B: 1, 0x0C: 3, 0x0D: 4}
"""Tag to length of the value, in the order of the records: 4E (姓名扩展) shifts those after it (section 1.2)."""

_OPTIONAL = frozenset((0x4E,))

_NOT_THIS_WAY = frozenset(
    (
        apdu.WRONG_LENGTH,
        apdu.WRONG_FILE_TYPE,
        apdu.CONDITIONS_NOT_SATISFIED,
        apdu.NO_CURRENT_EF,
        apdu.BAD_DATA,
        apdu.NOT_SUPPORTED,
        apdu.FILE_NOT_FOUND,
        apdu.RECORD_NOT_FOUND,
        apdu.BAD_P1P2,
        apdu.P1P2_OUT_OF_RANGE,
        apdu.BAD_INS,
    )
)
"""Answers to a read that say no more than "try another form"."""

_REFUSED_CRYPTOGRAM = frozenset(
    (
        apdu.SECURITY_NOT_SATISFIED,
        apdu.BLOCKED,
        apdu.CHALLENGE_UNUSABLE,
        apdu.SECURE_MESSAGING_WRONG,
        apdu.BAD_DATA,
        apdu.KEY_NOT_FOUND,
        apdu.MAC_INVALID,
        apdu.KEY_VERSION,
        apdu.MAC_UNAVAILABLE,
    )
)


class SocialSecurityCard:
    """One card in the reader with its application selected; made by :meth:`select`."""

    def __init__(self, card: Card, layout: CardLayout, marker: int) -> None:
        self._card = card
        self._layout = layout
        self._marker = marker
        self._forms = list(layout.forms)
        self._select_p1 = list(layout.select_ef_p1)
        self._version = ""
        self._read_authority: ChipAuthority | None = None

    @classmethod
    async def select(cls, card: Card, layout: CardLayout | None = None) -> SocialSecurityCard:
        """Select the application. Raises NotSocialSecurityCard, ApplicationLocked, UnexpectedStatus, CardError."""
        layout = layout if layout is not None else CardLayout()
        response = await exchange(card, command(0x00, apdu.SELECT, 0x04, 0x00, layout.aid))
        if response.sw in (apdu.APPLICATION_LOCKED, 0x6283):  # 6283: selected file invalidated, ISO 7816-4
            raise ApplicationLocked
        if response.sw in (apdu.FILE_NOT_FOUND, apdu.NOT_SUPPORTED, apdu.BAD_INS, apdu.BAD_CLA, apdu.BAD_P1P2):
            raise NotSocialSecurityCard(apdu.describe(response.sw))
        if not response.ok:
            raise UnexpectedStatus(apdu.SELECT, response.sw)
        return cls(card, layout, _marker(response.data))

    @property
    def algorithm(self) -> Algorithm:
        """From the marker in the FCI. Raises UnknownAlgorithm."""
        match self._marker:
            case 0x01:
                return Algorithm.TDES
            case 0x03:
                return Algorithm.SM4
            case marker:
                raise UnknownAlgorithm(marker)

    def read_with(self, authority: ChipAuthority) -> None:
        """Let this authority open the card's data if the card asks for it: no more ReadKeyRequired."""
        self._read_authority = authority

    # --- reading ----------------------------------------------------------------------------------------------

    async def identity(self) -> ChipIdentity:
        """What an authority needs to know to find this chip's keys; read anew from the card each time.

        Never needs the read key: the record with 卡识别码 is the one that cards show before authentication.
        """
        algorithm = self.algorithm
        try:
            historical = apdu.parse_atr(self._card.atr).key_factor
        except apdu.Malformed as error:
            raise AuthenticationFailed(None, str(error)) from error
        found = await self._read_file(EF05, {0x01: _FACE_SIZES[0x01]}, opened=True)
        return ChipIdentity(algorithm, records.exactly(found, EF05, 0x01, 16), historical)

    async def public(self) -> CardFace:
        """The card's issuing data, read anew. Raises ReadKeyRequired, MalformedRecord, MissingRecord, CardError."""
        found = await self._read_file(EF05, _FACE_SIZES)
        card_id = records.exactly(found, EF05, 0x01, 16)
        region = card_id[:3].hex()
        if not region.isdecimal():
            raise MalformedRecord(EF05, 0x01, "no region code")
        self._version = records.text(found, EF05, 0x03)
        return CardFace(
            region=region,
            card_id=card_id,
            category=records.text(found, EF05, 0x02),
            version=self._version,
            organisation=records.value(found, EF05, 0x04),
            issued=records.date(found, EF05, 0x05),
            expires=records.date(found, EF05, 0x06),
            number=records.text(found, EF05, 0x07),
        )

    async def holder(self) -> Holder:
        """The holder's data, read anew. Raises as :meth:`public`."""
        sizes = _HOLDER_SIZES_V1 if self._version.startswith("1") else _HOLDER_SIZES
        found = await self._read_file(EF06, sizes)
        # A character may lie across the border of 姓名 and 姓名扩展: join the bytes, then decode.
        name = apdu.unpadded(records.value(found, EF06, 0x09)) + apdu.unpadded(found.get(0x4E, b""))
        sex = {"1": "male", "2": "female", "0": "unknown", "9": "unknown"}.get(records.text(found, EF06, 0x0A))
        if sex is None:
            raise MalformedRecord(EF06, 0x0A, "not a code of GB/T 2261.1")
        return Holder(
            id_number=records.text(found, EF06, 0x08),
            name=records.text({0x09: name}, EF06, 0x09),
            sex=sex,
            nation=records.digits(found, EF06, 0x0B),
            birthplace=records.digits(found, EF06, 0x0C),
            born=records.date(found, EF06, 0x0D),
        )

    async def _read_file(self, file: int, sizes: Mapping[int, int], *, opened: bool = False) -> dict[int, bytes]:
        try:
            return await self._read_by_any_form(file, sizes)
        except ReadKeyRequired:
            if self._read_authority is None or opened:
                raise
        await self._authenticate(self._read_authority, await self.identity(), self._layout.read_key)
        return await self._read_by_any_form(file, sizes)

    async def _read_by_any_form(self, file: int, sizes: Mapping[int, int]) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        locked = False
        single = len(sizes) == 1
        for form in sorted(self._forms, key=lambda form: single and form is ReadForm.ALL):
            try:
                found |= await self._read_by(form, file, [tag for tag in sizes if tag not in found], sizes)
            except ReadKeyRequired:
                # Another form may still show a record that is free.
                locked = True
                continue
            if all(tag in found or tag in _OPTIONAL for tag in sizes):
                if not single:
                    self._forms.remove(form)
                    self._forms.insert(0, form)
                return found
        if locked:
            raise ReadKeyRequired(f"{file:04X}")
        raise MissingRecord(file, next(tag for tag in sizes if tag not in found and tag not in _OPTIONAL))

    async def _read_by(self, form: ReadForm, file: int, tags: list[int], sizes: Mapping[int, int]) -> dict[int, bytes]:
        if form is not ReadForm.SFI and not await self._select_file(file):
            return {}
        if form is ReadForm.ALL:
            data = await self._read_record(file, 0x01, 0x05, self._layout.all_le)
            try:
                return apdu.records(data) if data is not None else {}
            except apdu.Malformed:
                return {}  # filled up to Le by this card, or damaged: record by record shows which
        found: dict[int, bytes] = {}
        if form is ReadForm.TAG:
            for tag in tags:
                data = await self._read_record(file, tag, 0x00, sizes[tag] + 2)
                if data is None:
                    if tag not in _OPTIONAL:
                        break
                    continue
                found |= records.parsed(file, tag, data)
                if tag not in found:
                    break  # this card takes P1 for something else
            return found
        p2 = (file & 0x1F) << 3 | 0x04 if form is ReadForm.SFI else 0x04
        # By number: the tag in the answer says what the record is, so the shift by 4E only matters for Le.
        for number, tag in enumerate(sizes if len(sizes) > 1 else tags, start=1):
            data = await self._read_record(file, number, p2, sizes[tag] + 2)
            if data is None:
                break
            found |= records.parsed(file, tag, data)
        return found

    async def _select_file(self, file: int) -> bool:
        for p1 in list(self._select_p1):
            response = await exchange(self._card, command(0x00, apdu.SELECT, p1, 0x00, file.to_bytes(2, "big")))
            if response.ok:
                self._select_p1.remove(p1)
                self._select_p1.insert(0, p1)
                return True
            if response.sw == apdu.SECURITY_NOT_SATISFIED:
                raise ReadKeyRequired(f"{file:04X}")
            if response.sw not in _NOT_THIS_WAY:
                raise _unexpected(apdu.SELECT, response.sw)
        return False

    async def _read_record(self, file: int, p1: int, p2: int, le: int) -> bytes | None:
        response = await exchange(self._card, command(0x00, apdu.READ_RECORD, p1, p2, le=le))
        if response.sw == apdu.WRONG_LENGTH and le:
            response = await exchange(self._card, command(0x00, apdu.READ_RECORD, p1, p2, le=0))
        if response.ok or response.sw == 0x6282:  # 6282: the end came before Le bytes, ISO 7816-4
            return response.data
        if response.sw == apdu.SECURITY_NOT_SATISFIED:
            raise ReadKeyRequired(f"{file:04X}")
        if response.sw in _NOT_THIS_WAY:
            return None
        raise _unexpected(apdu.READ_RECORD, response.sw)

    # --- password ---------------------------------------------------------------------------------------------

    async def tries_left(self) -> int | None:
        """Tries left, asked without using one; ``None`` if the card does not say."""
        if not self._layout.ask_tries_with_empty_verify:
            return None
        response = await transmit(self._card, command(0x00, apdu.VERIFY, 0x00, 0x00))
        if response.sw == apdu.BLOCKED:
            return 0
        return apdu.tries_left(response.sw)

    async def verify(self, pin: bytearray) -> None:
        """Show the card a password (ASCII digits), exactly once.

        Raises WrongPin, PinBlocked, ApplicationLocked, UnexpectedStatus, CardError. The caller wipes ``pin``.
        """
        packed = apdu.pin_digits(pin)
        verify = command(0x00, apdu.VERIFY, 0x00, 0x00, packed)
        try:
            response = await transmit(self._card, verify)
        finally:
            wipe(verify)
            wipe(packed)
        _check_pin(apdu.VERIFY, response)

    async def change_pin(self, old: bytearray, new: bytearray) -> None:
        """Replace the password by one of the holder's choice, and prove it with one VERIFY of the new one.

        Raises WrongPin and PinBlocked about the old password; PinNotProved when it is not certain that the card
        now holds the new one; otherwise as :meth:`verify`.
        """
        old_packed = apdu.pin_digits(old)
        new_packed = apdu.pin_digits(new)
        data = bytearray(len(old_packed) + 1 + len(new_packed))
        data[: len(old_packed)] = old_packed
        data[len(old_packed)] = 0xFF
        data[len(old_packed) + 1 :] = new_packed
        change = command(0x80, apdu.CHANGE_PIN, 0x01, 0x00, data)
        try:
            response = await self._send_change(change)
        finally:
            for scratch in (old_packed, new_packed, data, change):
                wipe(scratch)
        _check_pin(apdu.CHANGE_PIN, response)
        await self._prove(new)

    async def reset_pin(self, authority: ChipAuthority, new: bytearray) -> None:
        """Set a new password by the authority's power, and prove it with one VERIFY (section 1.4).

        Raises AuthenticationFailed when the card does not accept the authority, AuthorityRefused when the
        authority will not answer, PinNotProved as :meth:`change_pin`.
        """
        identity = await self.identity()
        await self._authenticate(authority, identity, self._layout.pin_key)
        header = bytes((0x84, apdu.PIN_RESET, 0x00, 0x01, self._layout.reset_lc[identity.algorithm]))
        protected = await authority.protect_pin(identity, await self._challenge(), header, new)
        response = await self._send_change(_protected(header, protected))
        _check_cryptogram(apdu.PIN_RESET, response)
        await self._prove(new)

    async def _authenticate(self, authority: ChipAuthority, identity: ChipIdentity, key_id: int) -> None:
        proof = await authority.authenticate(identity, key_id, await self._challenge())
        authenticate = command(0x00, apdu.EXTERNAL_AUTHENTICATE, 0x00, key_id, proof.cipher + proof.source)
        _check_cryptogram(apdu.EXTERNAL_AUTHENTICATE, await exchange(self._card, authenticate))

    async def _challenge(self) -> bytes:
        length = self._layout.challenge_length
        response = await exchange(self._card, command(0x00, apdu.GET_CHALLENGE, 0x00, 0x00, le=length))
        if not response.ok:
            raise _unexpected(apdu.GET_CHALLENGE, response.sw)
        if len(response.data) != length:
            raise AuthenticationFailed(None, f"a challenge of {len(response.data)} bytes")
        return response.data

    async def _send_change(self, change: bytes | bytearray) -> Response:
        """From here on, no answer means: not known."""
        try:
            response = await transmit(self._card, change)
        except Exception as error:  # a driver of somebody else may fail in its own way, and late
            _log.warning("password change sent, no answer: %s", type(error).__name__)
            raise PinNotProved("no answer to the change") from error
        if response.sw >> 8 == 0x61:
            # Done, and an answer waits that nobody needs. Fetching it could only fail, and that would look as if the
            # change had: what counts is the VERIFY that follows.
            return Response(response.data, apdu.OK)
        if response.sw >> 8 == 0x65:  # memory failure: the change may have been made (ISO 7816-4)
            raise PinNotProved(apdu.describe(response.sw))
        return response

    async def _prove(self, new: bytearray) -> None:
        try:
            await self.verify(new)
        except Exception as error:  # as above; the change is made, whatever became of its proof
            _log.warning("password changed, not proved: %s", type(error).__name__)
            raise PinNotProved("the new password was not confirmed") from error


def _marker(fci: bytes) -> int:
    """The algorithm marker ``9F0C 03 86 01 xx``; absent or illegible means 01 (section 1.3)."""
    try:
        issuer = apdu.find(fci, 0x9F0C)
        marker = apdu.find(issuer, 0x86) if issuer is not None else None
    except apdu.Malformed as error:
        _log.info("FCI not understood: %s", error)
        return 0x01
    return marker[0] if marker else 0x01


def _protected(header: bytes, protected: bytes) -> bytes:
    if len(protected) != header[4]:
        raise AuthenticationFailed(None, f"the authority gave {len(protected)} bytes for Lc {header[4]:02X}")
    return header + protected


def _check_pin(ins: int, response: Response) -> None:
    if response.ok:
        return
    left = apdu.tries_left(response.sw)
    if left:
        raise WrongPin(left)
    if left == 0 or response.sw == apdu.BLOCKED:
        raise PinBlocked
    raise _unexpected(ins, response.sw)


def _check_cryptogram(ins: int, response: Response) -> None:
    if response.ok:
        return
    if response.sw in _REFUSED_CRYPTOGRAM or apdu.tries_left(response.sw) is not None or response.sw == 0x6300:
        raise AuthenticationFailed(response.sw)
    raise _unexpected(ins, response.sw)


def _unexpected(ins: int, sw: int) -> CardError:
    return ApplicationLocked() if sw == apdu.APPLICATION_LOCKED else UnexpectedStatus(ins, sw)
