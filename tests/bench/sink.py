"""A mail server on 127.0.0.1 that takes every message and keeps none. Prints its port. Lean, so that it is not what is measured."""

from __future__ import annotations

import asyncio
from typing import cast

_OK = b"250 ok\r\n"
_ANSWERS = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n",
    b"HELO": b"250 sink\r\n",
    b"MAIL": _OK,
    b"RCPT": _OK,
    b"RSET": _OK,
    b"NOOP": _OK,
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}
_END = b"\r\n.\r\n"


class Conversation(asyncio.Protocol):
    """One connection: answers every command in turn, several in one packet too, and swallows the text up to its dot."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._line = cast(asyncio.Transport, transport)
        self._waiting = b""
        self._in_text = False
        self._line.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        answers = b""
        while (answer := self._next()) is not None:
            answers += answer
        if answers:
            self._line.write(answers)
        if answers.endswith(_ANSWERS[b"QUIT"]):
            self._line.close()

    def _next(self) -> bytes | None:
        """The answer to the next whole command or text; None where nothing whole has come."""
        if self._in_text:
            _, dot, rest = self._waiting.partition(_END)
            if not dot:
                self._waiting = self._waiting[-len(_END) :]
                return None
            self._waiting, self._in_text = rest, False
            return b"250 taken\r\n"
        line, ended, rest = self._waiting.partition(b"\r\n")
        if not ended:
            return None
        self._waiting = rest
        verb = line[:4].upper()
        # The end of an empty text is the dot alone: it is to be found after this line's own break.
        self._in_text = verb == b"DATA"
        self._waiting = b"\r\n" + rest if self._in_text else rest
        return _ANSWERS.get(verb, b"502 no\r\n")


async def _main() -> None:
    server = await asyncio.get_running_loop().create_server(Conversation, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
