"""A printer behind a queue of this machine's CUPS: one page, watched to the true end of its job.

Owns the dialogue with CUPS by IPP (RFC 8010, RFC 8011; nothing of libcups is loaded). What it cannot do is see further
than CUPS: a job is *completed* when the back end of the queue says so. An ``ipp`` or ``ipps`` back end waits for the
printer's own word, a ``usb`` or ``socket`` back end only for its last byte (docs/adr/0008).

How it keeps a page from coming out later: a job is created empty and gets its document only once its number is known,
so that every page that could print can be named and cancelled. When a page is given up, its job is cancelled, again and
again while CUPS is away, and its files are purged; nothing else is sent before the queue has confirmed that it holds
nothing of ours and has stopped working on it. The same is done at the first contact, for what an earlier run may have
left. A running job whose terminal died is ended by CUPS itself (``job-cancel-after``), some ten seconds late; one that
waits in a stopped queue stays until the terminal is back. The files of finished jobs, which CUPS would keep for a day,
are purged at once or, where CUPS is lost just then, as soon as it is back: the page is printed all the same.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from dataclasses import replace

from drivers.api import (
    Condition,
    DeviceError,
    DeviceLost,
    DeviceTimeout,
    Health,
    Page,
    PrinterFault,
    PrinterStatus,
    Remedy,
)
from drivers.backoff import Backoff
from drivers.printer.cups_state import ATTRIBUTES, QueueReading
from drivers.printer.ipp import (
    GONE,
    NOT_FOUND,
    NOT_POSSIBLE,
    Attribute,
    Group,
    JobState,
    Message,
    Operation,
    PrinterState,
    Tag,
    Value,
)
from drivers.printer.pdf import SHEETS, Document, Drawing
from drivers.printer.spooler import ANSWER_S, Spooler, SpoolerRefused
from drivers.printer.status import obstacle

log = logging.getLogger(__name__)

PRINT_S = 60.0
"""Deadline of a page: a cold laser printer warms up for half a minute."""
POLL_S = 0.25
"""How soon the end of a job and an obstacle are noticed. CUPS calls nobody: its notifications are pulled, too."""
CLEAN_AGAIN_MAX_S = 5.0
"""Quicker than other devices are tried again (from :data:`POLL_S` on): a cupsd that comes back begins the broken page
at once, and to look is to connect to a socket of this machine."""
BELIEVED_AFTER_S = 3.0
"""A back end that runs for so long has taken back what no longer holds: it is told the old reasons when it starts
(``PRINTER_STATE_REASONS``, backend(7))."""
ORPHANED_S = 30
"""So long after a page's deadline CUPS cancels a job that nobody watches any more."""

USER = "kiosk"
"""In whose name jobs are sent; also how jobs that an earlier run left are known."""
JOB_NAME = "slip"
"""Job names are shown to everybody and kept in logs."""

_NONE_SUCH = frozenset((NOT_FOUND, GONE, 404))
_OF_THE_QUEUE = frozenset((Operation.GET_PRINTER_ATTRIBUTES, Operation.GET_JOBS, Operation.CREATE_JOB))
"""Where "not found" means the queue itself."""


class CupsPrinter:
    """The queue of this name at ``server``: the path of a Unix socket (default: Debian's) or a loopback ``host:port``.

    One page at a time: a second ``print`` waits until the first has ended, and its deadline begins then. While a page
    is coming out, ``health`` says busy and ``status`` tells what CUPS says; at rest both say unknown unless the queue
    itself is in the way. ``sheet`` is a name of :data:`drivers.printer.pdf.SHEETS`. Raises ValueError for a queue, a
    server or a sheet that cannot be.
    """

    def __init__(
        self,
        queue: str,
        server: str | None = None,
        *,
        sheet: str = "a4",
        deadline_s: float = PRINT_S,
        answer_s: float = ANSWER_S,
    ) -> None:
        # lpadmin(8): any printable character but space, slash and number sign.
        if not queue or not all("!" <= char <= "~" and char not in "/\\?#\"'" for char in queue):
            raise ValueError("the name of a CUPS queue is printable ASCII without space, slash, quote, ? and #")
        if sheet not in SHEETS:
            raise ValueError(f"the paper is one of {', '.join(SHEETS)}")
        self._queue = queue
        self._spooler = Spooler(server, answer_s=answer_s)
        self._backoff = Backoff()
        self._failure = ""
        self._sheet = SHEETS[sheet]
        self._deadline_s = deadline_s
        self._answer_s = answer_s
        self._numbers = itertools.count(1)
        self._turn = asyncio.Lock()
        self._printing = False
        self._page_until: asyncio.Timeout | None = None
        """The deadline of the page that is coming out."""
        self._closed = False
        self._stale = True
        """The queue may hold something of ours that must not be printed: at first, of a run before this one."""
        self._job: int | None = None
        self._given_up: set[int] = set()
        """Jobs that were cancelled and are to be purged once they have ended."""
        self._cleaning: asyncio.Task[None] | None = None
        self._old: frozenset[tuple[str, str]] = frozenset()
        """What the queue remembered when the page began: from an earlier job, until the back end has had its say."""
        self._reading = QueueReading(PrinterState.IDLE)

    async def status(self) -> PrinterStatus:
        if self._printing:
            return self._reading.without(self._old).status()
        async with self._turn:
            return (await self._contact()).at_rest().status()

    async def health(self) -> Health:
        model = f"CUPS {self._queue}"
        if self._closed:
            return Health(Condition.OFFLINE, detail="closed", model=model)
        if self._printing:
            return Health(Condition.BUSY, detail="a page is coming out", model=model)
        async with self._turn:
            try:
                if self._backoff.left_s(asyncio.get_running_loop().time()) > 0:
                    raise DeviceLost(self._failure)
                reading = await self._contact()
            except (DeviceLost, DeviceTimeout) as error:
                detail = f"{error}: check that cups is installed and the queue {self._queue} is set up"
                return Health(Condition.NO_DEVICE, Remedy.CONFIGURATION, detail, model)
            except DeviceError as error:
                return Health(Condition.OFFLINE, Remedy.CONFIGURATION, str(error), model)
        health = reading.at_rest().health(model)
        if health.condition is Condition.UNKNOWN and reading.told:
            health = replace(health, detail=f"{health.detail}; it last heard: {reading.told}")
        if self._stale:
            detail = "the queue has not confirmed that it dropped a broken page; cancel -a empties it"
            return Health(Condition.HARDWARE_ERROR, Remedy.RESET, detail, model)
        return health

    async def print(self, page: Page) -> None:
        """Print the page and return when CUPS calls its job completed.

        Raises NoPaper, CoverOpen, CutterJammed, PrinterFault, DeviceLost, DeviceTimeout (also after the deadline, 60 s
        unless told otherwise). Once it has raised, the job is cancelled or, if CUPS could not be told, is cancelled
        before anything else is sent. Raises ValueError for a page that cannot be laid out.
        """
        async with self._turn:
            self._check_open()
            self._printing = True
            try:
                await self._forget(await self._bring_out(page))
            except TimeoutError as error:
                await self._give_up()
                self._check_open()
                raise DeviceTimeout(f"the page is not out after {self._deadline_s:g} s") from error
            except (DeviceError, asyncio.CancelledError):
                await self._give_up()
                raise
            finally:
                self._printing = False

    async def close(self) -> None:
        self._closed = True
        if self._page_until is not None and not self._page_until.expired():
            self._page_until.reschedule(asyncio.get_running_loop().time())
        if self._printing:
            async with self._turn:  # the page is given up first, and its job cancelled
                pass
        cleaning, self._cleaning = self._cleaning, None
        if cleaning is not None:
            cleaning.cancel()
            await asyncio.gather(cleaning, return_exceptions=True)

    def _check_open(self) -> None:
        if self._closed:
            raise DeviceLost(f"{self._queue} is closed")

    # --- the page ---------------------------------------------------------------------------------------------

    async def _bring_out(self, page: Page) -> int:
        """Its job, once that is completed."""
        async with asyncio.timeout(self._deadline_s) as self._page_until:
            try:
                document = await self._drawn(page)
                await self._ready()
                job = await self._send(document)
                await self._watch(job)
                return job
            finally:
                self._page_until = None

    async def _drawn(self, page: Page) -> Document:
        drawing = Drawing(page, self._sheet)
        for _ in drawing.steps():
            await asyncio.sleep(0)  # a line takes milliseconds: others may run between two
        return drawing.finish()

    async def _ready(self) -> None:
        reading = await self._contact()
        self._old = reading.without(reading.at_rest().reasons).reasons
        found = obstacle(reading.at_rest().status())
        if found is not None:
            raise found
        if self._stale:
            raise PrinterFault("the queue has not confirmed that it dropped the page before")

    async def _send(self, document: Document) -> int:
        self._stale = True  # until the job is known to have ended
        created = await self._ask(
            Operation.CREATE_JOB,
            (
                Attribute("job-name", Tag.NAME, (JOB_NAME,)),
                Attribute("ipp-attribute-fidelity", Tag.BOOLEAN, (False,)),
            ),
            (
                Attribute("copies", Tag.INTEGER, (1,)),
                Attribute("media", Tag.KEYWORD, (document.media,)),
                Attribute("sides", Tag.KEYWORD, ("one-sided",)),
                Attribute("job-sheets", Tag.NAME, ("none",)),  # a banner page would be taken for the slip
                Attribute("job-hold-until", Tag.KEYWORD, ("no-hold",)),
                Attribute("job-cancel-after", Tag.INTEGER, (round(self._deadline_s) + ORPHANED_S,)),
            ),
        )
        job = created.first(Group.JOB).get("job-id", (None,))[0]
        if not isinstance(job, int):
            raise PrinterFault("CUPS took a job without giving it a number")
        self._job = job
        await self._ask(
            Operation.SEND_DOCUMENT,
            (
                Attribute("job-id", Tag.INTEGER, (job,)),
                Attribute("document-format", Tag.MIME_TYPE, ("application/pdf",)),
                Attribute("last-document", Tag.BOOLEAN, (True,)),
            ),
            document=document.pdf,
        )
        return job

    async def _watch(self, job: int) -> None:
        """Return when the job is completed, or raise what keeps it from that."""
        loop = asyncio.get_running_loop()
        believed: float | None = None
        while True:
            state, reasons = await self._job_state(job)
            reading = await self._read()
            if state is JobState.PROCESSING and believed is None:
                believed = loop.time() + BELIEVED_AFTER_S
            if (believed is None or loop.time() < believed) and not (state is not None and state.ended):
                reading = reading.without(self._old)
            self._old &= self._reading.reasons  # what was taken back and is told again is new
            if state is JobState.COMPLETED and "job-completed-with-errors" not in reasons:
                break
            found = obstacle(reading.status())
            if found is not None:
                raise found
            if state is None:
                raise PrinterFault("the job was removed from the queue")
            if state.ended:
                raise PrinterFault(f"the job ended as {state.name.lower()}: {reasons or 'no reason'}")
            if state is JobState.HELD:
                raise PrinterFault("the job is held")
            await asyncio.sleep(POLL_S)

    async def _forget(self, job: int) -> None:
        """Have CUPS delete the job's files. The page is out, whatever becomes of this: what cannot be deleted now is
        swept up later."""
        try:
            await self._cancel(job, purge=True)
        except DeviceError as error:
            log.warning("%s: a printed page is not deleted yet: %s", self._queue, error)
            self._sweep_later()
            return
        self._job = None
        self._stale = False

    async def _job_state(self, job: int) -> tuple[JobState | None, str]:
        try:
            answer = await self._ask(
                Operation.GET_JOB_ATTRIBUTES,
                (
                    Attribute("job-id", Tag.INTEGER, (job,)),
                    Attribute("requested-attributes", Tag.KEYWORD, ("job-state", "job-state-reasons")),
                ),
            )
        except SpoolerRefused as error:
            if error.status in _NONE_SUCH:
                return None, ""
            raise
        found = answer.first(Group.JOB)
        state = found.get("job-state", (None,))[0]
        try:
            return JobState(int(state or 0)), ", ".join(map(str, found.get("job-state-reasons", ())))
        except ValueError as error:
            raise PrinterFault("CUPS does not tell how the job is") from error

    # --- nothing late -----------------------------------------------------------------------------------------

    async def _give_up(self) -> None:
        """Cancel the page's job; if that cannot be done now, at the next contact."""
        if not self._stale:
            return
        try:
            async with asyncio.timeout(2 * self._answer_s):
                while True:
                    if await self._sweep():
                        return
                    await asyncio.sleep(POLL_S)
        except (DeviceError, TimeoutError) as error:
            log.warning("%s: the broken page is not cancelled yet: %s", self._queue, error)
            self._sweep_later()

    def _sweep_later(self) -> None:
        if not self._closed and (self._cleaning is None or self._cleaning.done()):
            self._cleaning = asyncio.create_task(self._clean(), name=f"cancel pages in {self._queue}")

    async def _clean(self) -> None:
        """Go on trying: a cupsd that comes back would begin the page again without waiting for us."""
        backoff = Backoff(POLL_S, CLEAN_AGAIN_MAX_S)
        while self._stale:
            await asyncio.sleep(backoff.failed(asyncio.get_running_loop().time()))
            async with self._turn:
                try:
                    if self._stale:
                        await self._sweep()
                except DeviceError as error:
                    log.debug("%s: still not cancelled: %s", self._queue, error)

    async def _sweep(self) -> bool:
        """Cancel whatever of ours the queue holds; whether it holds, and works on, nothing of it any more.

        Cancel first and purge when the job has ended: to purge a running job is to kill its back end, which then can
        neither take the page back from the printer (as ``ipp`` does) nor leave the printer in order. A back end that
        does not end by itself is killed by CUPS after its ``JobKillDelay``, half a minute.
        """
        jobs = set(await self._our_jobs())
        self._given_up |= jobs
        if self._job is not None:
            self._given_up.add(self._job)
        for job in sorted(jobs):
            await self._cancel(job)
        # The back end of a cancelled job may still be at work, with some of the page in its hands.
        at_work = (await self._read()).state == PrinterState.PROCESSING and not await self._others_wait()
        if jobs or at_work:
            return False
        for job in sorted(self._given_up):
            await self._cancel(job, purge=True)
        self._given_up.clear()
        self._job = None
        self._stale = False
        return True

    async def _our_jobs(self) -> list[int]:
        return [job for job, name in await self._jobs(mine=True) if name == JOB_NAME]

    async def _others_wait(self) -> bool:
        return bool(await self._jobs(mine=False))

    async def _jobs(self, *, mine: bool) -> list[tuple[int, str]]:
        answer = await self._ask(
            Operation.GET_JOBS,
            (
                Attribute("which-jobs", Tag.KEYWORD, ("not-completed",)),
                Attribute("my-jobs", Tag.BOOLEAN, (mine,)),
                Attribute("requested-attributes", Tag.KEYWORD, ("job-id", "job-name")),
            ),
        )
        found = []
        for job in answer.each(Group.JOB):
            number = job.get("job-id", (None,))[0]
            if isinstance(number, int):
                found.append((number, str(job.get("job-name", ("",))[0])))
        return found

    async def _cancel(self, job: int, *, purge: bool = False) -> None:
        """Cancel the job if it has not ended; with ``purge`` (CUPS's own word in Cancel-Job) delete its files, too."""
        try:
            await self._ask(
                Operation.CANCEL_JOB,
                (
                    Attribute("job-id", Tag.INTEGER, (job,)),
                    Attribute("purge-job", Tag.BOOLEAN, (purge,)),
                ),
            )
        except SpoolerRefused as error:
            if error.status not in (*_NONE_SUCH, NOT_POSSIBLE):
                raise

    # --- the dialogue -----------------------------------------------------------------------------------------

    async def _contact(self) -> QueueReading:
        self._check_open()
        if self._stale:
            await self._sweep()
        return await self._read()

    async def _read(self) -> QueueReading:
        answer = await self._ask(
            Operation.GET_PRINTER_ATTRIBUTES, (Attribute("requested-attributes", Tag.KEYWORD, ATTRIBUTES),)
        )
        self._reading = QueueReading.of(answer)
        return self._reading

    async def _ask(
        self,
        operation: Operation,
        attributes: tuple[Attribute, ...],
        job: tuple[Attribute, ...] = (),
        document: bytes = b"",
    ) -> Message:
        target: tuple[Value, ...] = (f"ipp://localhost/printers/{self._queue}",)
        head = (  # these two first, in this order (RFC 8011 section 4.1.4), and the target next (section 4.1.5)
            Attribute("attributes-charset", Tag.CHARSET, ("utf-8",)),
            Attribute("attributes-natural-language", Tag.LANGUAGE, ("en",)),
            Attribute("printer-uri", Tag.URI, target),
        )
        # A job's number comes first among the attributes: it is a part of the target.
        user = Attribute("requesting-user-name", Tag.NAME, (USER,))
        groups: list[tuple[int, tuple[Attribute, ...]]] = [(Group.OPERATION, (*head, *attributes, user))]
        if job:
            groups.append((Group.JOB, job))
        request = Message(operation, next(self._numbers) & 0x7FFFFFFF, tuple(groups))
        try:
            answer = await self._spooler.ask(f"/printers/{self._queue}", request, document)
        except (DeviceLost, DeviceTimeout) as error:
            self._backoff.failed(asyncio.get_running_loop().time())
            self._failure = str(error)
            raise
        self._backoff.succeeded()
        if not answer.ok:
            if answer.code in _NONE_SUCH and operation in _OF_THE_QUEUE:
                raise DeviceLost(f"CUPS has no queue {self._queue}")
            raise SpoolerRefused(operation.name, answer.code)
        return answer
