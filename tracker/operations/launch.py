"""``make run``: prepares the database, then starts the web server and the scheduler and stays with them.

Nothing of the application is imported here: the launcher must be small, and must see its children die.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from tracker.kernel import clock

ROOT = Path(__file__).resolve().parents[2]
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
#: Names the pipe on which the web server waits for the data to be ready (deploy/gunicorn.py).
READY = "LAUNCH_READY"
#: A start that takes longer than this has failed.
PATIENCE = 60
#: How long children get to finish what they are doing.
GRACE = 25


class Ended(Exception):
    """The run is over. ``code`` is the exit code; the words say why, where somebody has to know."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(words)
        self.code = code


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """What both children get: one port, one clock. TRACKER_NOW is fixed to this moment, so that web and scheduler agree."""
    env = {**given, "FLASK_APP": "wsgi"}
    env.setdefault("TRACKER_ENV", "demo")
    env["PORT"] = given.get("PORT") or "8000"
    if env.get(clock.NOW_VARIABLE):
        env.setdefault(clock.ANCHOR_VARIABLE, clock.real_now().isoformat())
    return env


def check_port(port: str) -> None:
    """Raises Ended with a sentence where the port is no port, or taken."""
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise Ended(2, f"PORT là “{port}”; phải là một số từ 1 đến 65535, ví dụ PORT=8010 make run.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError as error:
            raise Ended(
                1, f"Không mở được cổng {port} ({error.strerror}). Có thể một chương trình khác đang dùng; chọn cổng khác: PORT=8010 make run."
            ) from None


def prepare(env: Mapping[str, str]) -> dict[str, Any]:
    """Backs up, migrates and seeds in a process of its own. Raises Ended where that fails; its own words are on the screen."""
    done = subprocess.run([sys.executable, "-m", "flask", "prepare"], cwd=ROOT, env=dict(env), stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise Ended(1, "Chưa chuẩn bị được dữ liệu; lý do ở ngay trên.")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def start(env: Mapping[str, str], *command: str, inherits: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    """A child in a session of its own: Ctrl+C reaches it through us, once. It does not outlive us."""
    lives_with_us = _die_with_parent if sys.platform == "linux" else None
    return subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, env=dict(env), start_new_session=True, preexec_fn=lives_with_us, pass_fds=inherits
    )


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)


def wait_until_open(port: int, children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Returns when the port answers. Raises Ended where a child dies first or nothing opens."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        check_alive(children)
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Ended(1, f"Máy chủ không mở cổng {port} sau {PATIENCE} giây.")


def check_alive(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Raises Ended as soon as one child has died: a web server without its scheduler would go on silently reminding nobody."""
    for name, child in children.items():
        code = child.poll()
        if code is not None:
            raise Ended(1, f"{name} đã dừng (mã {code}); dừng cả hệ thống.")


def stop(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Asks every child to finish, and insists after GRACE seconds."""
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    give_up = time.monotonic() + GRACE
    for child in children.values():
        try:
            child.wait(max(0.1, give_up - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def greeting(address: str, prepared: Mapping[str, Any]) -> str:
    """What a person needs to begin: the address, whom to sign in as, where the mails are."""
    lines = ["", f"Đôn Đốc đang chạy tại {address}"]
    if prepared["now"]:
        lines.append(f"Hôm nay của hệ thống: {prepared['now']} (theo TRACKER_NOW)")
    if prepared["accounts"]:
        width = max(len(row["username"]) for row in prepared["accounts"])
        lines += ["", f"Tài khoản trình diễn, mật khẩu chung: {prepared['password']}"]
        lines += [f"  {row['username']:<{width}}  {row['words']}" for row in prepared["accounts"]]
        lines.append("  Các cơ quan khác và đơn vị khác: <vai trò>@<cơ quan>.demo, specialist-<đơn vị>@<cơ quan>.demo")
    if prepared.get("setup_code"):
        lines += ["", f"Chưa có cơ quan nào. Bắt đầu tại {address}/setup với mã thiết lập {prepared['setup_code']} (dùng một lần)"]
    if prepared["mail"]:
        lines += ["", f"Thư hệ thống gửi ra, đọc tại {address}/dev/mail"]
    return "\n".join([*lines, "Dừng: Ctrl+C", ""])


def _interrupted(number: int, _frame: FrameType | None) -> None:
    raise Ended(0 if number == signal.SIGINT else 128 + number)


def main() -> int:
    """Returns the exit code: 0 after Ctrl+C."""
    env = environment(os.environ)
    children: dict[str, subprocess.Popen[bytes]] = {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupted)
    try:
        check_port(env["PORT"])
        # The web server loads while the data is prepared, and opens its port only when told that it is.
        waits, ready = os.pipe()
        children["Máy chủ web"] = start({**env, READY: str(waits)}, "gunicorn", "-c", "deploy/gunicorn.py", "wsgi:app", inherits=(waits,))
        prepared = prepare(env)
        os.write(ready, b"\n")
        children["Bộ lập lịch"] = start(env, "flask", "scheduler")
        wait_until_open(int(env["PORT"]), children)
        print(greeting(f"http://127.0.0.1:{env['PORT']}", prepared), flush=True)
        while True:
            check_alive(children)
            time.sleep(0.5)
    except Ended as end:
        if str(end):
            print(end, file=sys.stderr)
        return end.code
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        stop(children)


if __name__ == "__main__":
    sys.exit(main())
