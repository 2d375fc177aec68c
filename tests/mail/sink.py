"""A mail server of our own that can misbehave on demand, and what it has accepted."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from types import TracebackType


@dataclass(frozen=True)
class Accepted:
    """One message the server answered for with 250, or took without being able to say so."""

    recipient: str
    raw: bytes

    @property
    def message(self) -> Message:
        return message_from_bytes(self.raw)

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def subject(self) -> str:
        return str(make_header(decode_header(self.message["Subject"])))

    def text(self, subtype: str = "plain") -> str:
        for part in self.message.walk():
            if part.get_content_type() == f"text/{subtype}":
                return part.get_payload(decode=True).decode()
        raise AssertionError(f"no text/{subtype}")


@dataclass
class Sink:
    """``with Sink() as sink``: listens on ``sink.port``. The recipient's name says what goes wrong, once or always:

    no@ 550 at RCPT · greylisted@ 450, full@ 452 and busy@ 451 at RCPT, the first time · never@ 451 at RCPT, always · rejected@ 554 after the dot ·
    closing@ 421 at RCPT, the first time ·
    torn@ hangs up in the middle of the text, the first time · silent@ takes the message and hangs up without a word, the first time ·
    toolarge@ 552 after the dot · dripping@ answers letter by letter · slow@ answers after ``slowness`` seconds · mumbling@ takes the message and answers no code, the first time ·
    garbled@ answers 250 in several lines of rubbish · endless@ takes the message and answers 250 in one line too long to read, the first time ·
    held@ answers when ``release`` is set. A message larger than ``largest`` is refused with 552 at MAIL. The first ``hang_ups`` connections are
    closed without a word. Every message takes ``delay`` seconds, half of them before its text is asked for.
    """

    pipelining: bool = True
    delay: float = 0.0
    slowness: float = 1.5
    refuse_connections: bool = False
    hang_ups: int = 0
    largest: int = 33554432
    release: threading.Event = field(default_factory=threading.Event)
    accepted: list[Accepted] = field(default_factory=list)
    connections: int = 0
    seen: set[str] = field(default_factory=set)
    port: int = 0

    def __enter__(self) -> Sink:
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(5)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def to(self, recipient: str) -> list[Accepted]:
        return [one for one in self.accepted if one.recipient == recipient]

    def wait_for(self, number: int, seconds: float = 20.0) -> None:
        """Returns when so many messages have been accepted."""
        give_up = time.monotonic() + seconds
        while len(self.accepted) < number:
            assert time.monotonic() < give_up, f"only {len(self.accepted)} of {number} arrived"
            time.sleep(0.01)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**25))
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _first(self, recipient: str) -> bool:
        first = recipient not in self.seen
        self.seen.add(recipient)
        return first

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.connections <= self.hang_ups:
            return
        if self.refuse_connections:
            writer.write(b"421 busy, come back later\r\n")
            return
        writer.write(b"220 sink ESMTP\r\n")
        recipient = ""
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                writer.write(b"250-sink\r\n" + (b"250-PIPELINING\r\n" if self.pipelining else b"") + b"250 SIZE %d\r\n" % self.largest)
            elif verb == b"MAIL":
                recipient = ""
                stated = line.upper().partition(b"SIZE=")[2].split()
                writer.write(b"552 larger than we take\r\n" if stated and int(stated[0]) > self.largest else b"250 ok\r\n")
            elif verb == b"RCPT":
                wanted = line.decode().partition("<")[2].partition(">")[0]
                answer = self._rcpt(wanted)
                recipient = wanted if answer.startswith(b"250") else ""
                writer.write(answer)
                if answer.startswith(b"421"):
                    return
            elif verb == b"DATA" and not recipient:
                writer.write(b"503 no recipient\r\n")
            elif verb == b"DATA":
                if not await self._data(recipient, reader, writer):
                    return
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250 ok\r\n")
            await writer.drain()

    def _rcpt(self, recipient: str) -> bytes:
        local = recipient.partition("@")[0]
        if local.startswith("no"):
            return b"550 no such mailbox\r\n"
        if local.startswith("never"):
            return b"451 try again later\r\n"
        if local.startswith("greylisted") and self._first(recipient):
            return b"450 greylisted\r\n"
        if local.startswith("busy") and self._first(recipient):
            return b"451 try again later\r\n"
        if local.startswith("full") and self._first(recipient):
            return b"452 mailbox full\r\n"
        if local.startswith("closing") and self._first(recipient):
            return b"421 closing\r\n"
        return b"250 ok\r\n"

    async def _data(self, recipient: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """False where the server hangs up."""
        local = recipient.partition("@")[0]
        await asyncio.sleep(self.delay / 2)
        writer.write(b"354 go on\r\n")
        await writer.drain()
        if local.startswith("torn") and self._first(recipient):
            await reader.readline()
            return False
        raw = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
        await asyncio.sleep(self.delay / 2)
        if local.startswith("rejected"):
            writer.write(b"554 not here\r\n")
            return True
        if local.startswith("toolarge"):
            writer.write(b"552 too large\r\n")
            return True
        self.accepted.append(Accepted(recipient, raw))
        if local.startswith("silent") and self._first(recipient):
            return False
        if local.startswith("mumbling") and self._first(recipient):
            writer.write(b"hm\r\n")
            return True
        if local.startswith("endless") and self._first(recipient):
            writer.write(b"250 " + b"z" * 20_000 + b"\r\n")
            return True
        while local.startswith("held") and not self.release.is_set():
            await asyncio.sleep(0.02)
        if local.startswith("slow"):
            await asyncio.sleep(self.slowness)
        answer = b"250-\x00\xff\xfe \x1b[2J\r\n250-\r\n250 taken\r\n" if local.startswith("garbled") else b"250 taken\r\n"
        if local.startswith("dripping"):
            for letter in answer[:-1]:
                writer.write(bytes([letter]))
                await asyncio.sleep(0.02)
            answer = answer[-1:]
        writer.write(answer)
        return True
