"""Makes the environment ``.venv`` from requirements.lock. Needs only Python and its venv; any Python can read this file.

A stamp in the environment tells that it already answers to the lock, so that the next start costs nothing.
"""

import hashlib
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOCK = os.path.join(ROOT, "requirements.lock")
FOLDER = os.path.join(ROOT, ".venv")
STAMP = os.path.join(FOLDER, "made-from")
PYTHON = os.path.join(FOLDER, "bin", "python")


def main():
    if sys.version_info < (3, 11):
        stop(
            "Python %d.%d is too old: Python 3.11 or newer is needed. Install it, or name one: make PYTHON=/path/to/python3.11" % sys.version_info[:2]
        )
    wanted = [place(), fingerprint()]
    found = stamped()
    if found == wanted:
        return
    say("Making the environment .venv (once; about a minute where packages must be fetched) …")
    make_folder(keep=found[:1] == wanted[:1])
    if not install_with_uv():
        say("uv could not install the packages here; pip does it now, more slowly …")
        pip = [PYTHON, "-m", "pip", "install", "--require-hashes", "--disable-pip-version-check", "-r", LOCK]
        if subprocess.call(pip) != 0:
            stop("The packages of requirements.lock could not be installed; what pip said stands above.")
    with open(STAMP, "w", encoding="utf-8") as stamp:
        stamp.write("\n".join(wanted))
    say("The environment is ready.")


def place():
    """The Python, and where the folder stands: the scripts in it hold its path."""
    return "%s %s %s" % (" ".join(sys.version.split()), sys.base_prefix, FOLDER)


def fingerprint():
    with open(LOCK, "rb") as lock:
        return hashlib.sha256(lock.read()).hexdigest()


def stamped():
    """The two lines of the stamp; nothing where the environment was never finished."""
    try:
        with open(STAMP, encoding="utf-8") as stamp:
            return stamp.read().split("\n") if os.path.exists(PYTHON) else []
    except OSError:
        return []


def make_folder(keep):
    """An empty environment, unless the one at hand is of this Python and this place and only its packages are old."""
    if keep:
        return
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        stop("This Python has no venv module. On Debian and Ubuntu: apt-get install python3-venv")
    try:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(FOLDER)
    except (OSError, subprocess.CalledProcessError) as error:
        stop("The environment could not be made in %s: %s. On Debian and Ubuntu: apt-get install python3-venv" % (FOLDER, error))


def install_with_uv():
    """uv at the version and hashes of the lock, then everything else with it. Says whether it worked."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as only_uv:
        only_uv.write(locked("uv"))
        only_uv.flush()
        pip = [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "--disable-pip-version-check", "-r", only_uv.name]
        if subprocess.call(pip) != 0:
            return False
    environment = dict(os.environ)
    if environment.get("PIP_INDEX_URL"):  # a mirror named for pip is meant for uv too
        environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
    uv = [os.path.join(FOLDER, "bin", "uv"), "pip", "install", "--python", PYTHON, "--require-hashes", "--compile-bytecode", "-r", LOCK]
    try:
        return subprocess.call(uv, env=environment) == 0
    except OSError:
        return False


def locked(package):
    """The lines of one package in the lock."""
    lines = []
    with open(LOCK, encoding="utf-8") as lock:
        for line in lock:
            if line.startswith(package + "==") or (lines and line[:1].isspace()):
                lines.append(line)
            elif lines:
                break
    return "".join(lines)


def say(sentence):
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def stop(sentence):
    say(sentence)
    sys.exit(1)


main()
