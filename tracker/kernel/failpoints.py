"""Named moments at which a test may have the process killed. Nothing happens where TRACKER_FAILPOINT is unset."""

from __future__ import annotations

import os
import signal
from collections import Counter

#: «moment», or «moment:3» for the third time it is reached. Refused in production (config.py).
VARIABLE = "TRACKER_FAILPOINT"
#: In the order an upload passes them.
UPLOADING = ("opened", "written", "synced", "placed", "settled", "row")
#: In the order a mail passes them: the last two are the server's 250, and the commit after it.
SENDING = ("claimed", "connected", "mail", "rcpt", "mid-data", "dot", "acked", "recorded")

_reached: Counter[str] = Counter()


def reach(moment: str) -> None:
    """Dies here, without any cleaning up, where the environment names this moment."""
    asked, _, number = os.environ.get(VARIABLE, "").partition(":")
    if asked != moment:
        return
    _reached[moment] += 1
    if _reached[moment] >= int(number or 1):
        os.kill(os.getpid(), signal.SIGKILL)
