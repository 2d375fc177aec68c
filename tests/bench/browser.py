"""A signed-in person over HTTP, with one connection kept open, as a browser does."""

from __future__ import annotations

import http.client
import re
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.bench.servers import HOST

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Answer:
    status: int
    body: bytes
    seconds: float
    location: str | None


@dataclass
class Browser:
    """One connection and one set of cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _line: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, str], *, keep_cookies: bool = True) -> Answer:
        """``keep_cookies`` False: what the answer says to remember is forgotten, so that the next request is the same."""
        return self._ask("POST", path, urlencode(fields), keep_cookies=keep_cookies)

    def sign_in(self, username: str, password: str) -> None:
        fields = {"csrf_token": token_of(self.get("/sign-in").body), "username": username, "password": password, "next": ""}
        answer = self.post("/sign-in", fields)
        if answer.status != 302:
            raise RuntimeError(f"{username} could not sign in: {answer.status}")

    def hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _ask(self, method: str, path: str, body: str | None, *, keep_cookies: bool = True) -> Answer:
        headers = {"Cookie": self.cookie_header, "Accept-Encoding": "identity"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        try:
            answer, content = self._once(method, path, body, headers)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.hang_up()
            begun = time.perf_counter()
            answer, content = self._once(method, path, body, headers)
        seconds = time.perf_counter() - begun
        if keep_cookies:
            for header in answer.headers.get_all("Set-Cookie") or []:
                self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(header).items()})
        return Answer(answer.status, content, seconds, answer.headers.get("Location"))

    def _once(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
        if self._line is None:
            self._line = http.client.HTTPConnection(HOST, self.port, timeout=30)
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        return answer, answer.read()


def token_of(page: bytes) -> str:
    found = _TOKEN.search(page.decode())
    if found is None:
        raise RuntimeError("the page has no form with a token")
    return found[1]
