"""Named moments of an upload at which a test may have the process killed. Nothing happens where TRACKER_FAILPOINT is unset."""

from __future__ import annotations

import os
import signal

#: Refused in production (config.py).
VARIABLE = "TRACKER_FAILPOINT"
#: In the order an upload passes them.
MOMENTS = ("opened", "written", "synced", "placed", "settled", "row")


def reach(moment: str) -> None:
    """Dies here, without any cleaning up, where the environment names this moment."""
    if os.environ.get(VARIABLE) == moment:
        os.kill(os.getpid(), signal.SIGKILL)
