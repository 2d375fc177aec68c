"""Bytes on the store, a folder or a bucket behind a real S3 server: kept under their digest, whole or not at all, in the right place."""

from __future__ import annotations

import hashlib
import io
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import boto3
import pytest
from s3fs import S3FileSystem

from tests.evidence import samples
from tracker.files.rules import FILE_LIMIT
from tracker.files.storage import ASIDE, Storage
from tracker.kernel.errors import NoRoom, Refused, Unable

pytestmark = [pytest.mark.store, pytest.mark.wall_clock]  # objects in a store are dated by the real clock


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A real S3 server in a process of its own; its address."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    give_up = time.monotonic() + 30
    while not answers(port):
        assert server.poll() is None and time.monotonic() < give_up, "the S3 server did not start"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.wait()


def answers(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    if request.param == "folder":
        return Storage((tmp_path / "evidence").as_uri(), tmp_path / "scratch")
    return bucket(request.getfixturevalue("s3"), monkeypatch, tmp_path, tmp_path.name.lower().replace("_", "-")[-40:].strip("-"))


def bucket(address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, make: bool = True) -> Storage:
    """A store in a bucket of its own, found as an installation finds it: by the AWS_… variables alone."""
    for variable, value in (
        ("AWS_ENDPOINT_URL", address),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(variable, value)
    S3FileSystem.clear_instance_cache()  # it would remember the server of the test before
    if make:
        boto3.client("s3").create_bucket(Bucket=name)
    return Storage(f"s3://{name}/dondoc", tmp_path / "scratch")


def lying(store: Storage) -> list[tuple[int, str]]:
    return [(one.authority_id, one.sha256) for one in store.lying()]


def left(tmp_path: Path) -> list[str]:
    return sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())


def put(store: Storage, content: bytes = samples.PDF, authority: int = 7) -> str:
    return store.put(authority, io.BytesIO(content), "a.pdf").sha256


def test_a_file_lies_under_its_own_digest_and_comes_back_as_it_was(store: Storage, tmp_path: Path) -> None:
    sha256 = put(store)
    assert sha256 == hashlib.sha256(samples.PDF).hexdigest()
    assert lying(store) == [(7, sha256)]
    with store.open(7, sha256) as stream:
        assert stream.read() == samples.PDF
        stream.seek(5)
        assert stream.read(3) == samples.PDF[5:8]
    assert store.digest(7, sha256) == sha256
    assert left(tmp_path) == ([f"evidence/7/{sha256}"] if store.local else [])


def test_a_large_file_goes_through_whole(store: Storage) -> None:
    content = samples.PDF.ljust(FILE_LIMIT, b"x")
    assert store.digest(7, put(store, content)) == hashlib.sha256(content).hexdigest()


def test_the_limit_is_twenty_megabytes_to_the_byte(store: Storage, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="20 MB"):
        put(store, samples.PDF.ljust(FILE_LIMIT + 1, b" "))
    assert lying(store) == [] and left(tmp_path) == []


def test_the_same_bytes_of_two_authorities_are_two_files(store: Storage) -> None:
    sha256 = put(store)
    assert put(store, authority=8) == put(store) == sha256
    assert lying(store) == [(7, sha256), (8, sha256)]


def test_what_is_not_there_is_said_to_be_missing(store: Storage) -> None:
    nothing = "0" * 64
    assert store.digest(7, nothing) is None
    assert not store.holds(7, nothing)
    with pytest.raises(FileNotFoundError):
        store.open(7, nothing)
    store.remove(7, nothing)
    store.put_aside(7, nothing)
    store.bring_back(7, nothing)
    assert lying(store) == []


def test_a_backup_puts_bytes_back(store: Storage, tmp_path: Path) -> None:
    source = tmp_path / "saved"
    source.write_bytes(samples.PDF)
    sha256 = hashlib.sha256(samples.PDF).hexdigest()
    store.restore(7, sha256, source)
    assert store.digest(7, sha256) == sha256


def test_removed_bytes_are_gone_wherever_they_lay(store: Storage) -> None:
    first, second = put(store), put(store, samples.PDF + b" ")
    store.put_aside(7, second)
    for sha256 in (first, second):
        assert store.holds(7, sha256)
        store.remove(7, sha256)
        assert not store.holds(7, sha256)
    assert lying(store) == [] and list(store.aside()) == []


def test_what_is_put_aside_can_still_be_read_and_comes_back(store: Storage) -> None:
    sha256 = put(store)
    store.put_aside(7, sha256)
    assert lying(store) == [] and [one.sha256 for one in store.aside()] == [sha256]
    assert store.digest(7, sha256) == sha256
    store.bring_back(7, sha256)
    assert lying(store) == [(7, sha256)] and list(store.aside()) == []


def test_bytes_brought_again_while_the_old_ones_are_put_aside_are_never_nowhere(store: Storage) -> None:
    sha256 = put(store)
    store.put_aside(7, sha256)
    assert put(store) == sha256
    store.drop_aside(7, sha256)
    assert store.digest(7, sha256) == sha256


def test_only_names_of_ours_are_listed(store: Storage) -> None:
    sha256 = put(store)
    for name in ("7/readme.txt", "other/" + "a" * 64, f"{ASIDE}x/7/{sha256}"):
        path = f"{store.root}/{name}"
        if store.local:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        store.fs.pipe_file(path, b"somebody else's")
    assert lying(store) == [(7, sha256)]


def test_one_flipped_bit_and_a_missing_file_are_seen(store: Storage) -> None:
    sha256 = put(store)
    content = bytearray(samples.PDF)
    content[10] ^= 1
    store.fs.pipe_file(f"{store.root}/7/{sha256}", bytes(content))
    assert store.digest(7, sha256) not in (None, sha256)


def test_a_bucket_that_is_not_there_is_told_in_a_sentence_and_leaves_nothing(s3: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(Unable, match="không trả lời"):
        put(bucket(s3, monkeypatch, tmp_path, "khong-co-kho-nay", make=False))
    assert left(tmp_path) == []


def test_a_store_that_does_not_answer_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    store = bucket("http://127.0.0.1:9", monkeypatch, tmp_path, "x", make=False)
    for ask in (lambda: put(store), lambda: store.digest(7, "0" * 64), lambda: list(store.lying()), lambda: store.remove(7, "0" * 64)):
        with pytest.raises(Unable, match="thử lại sau ít phút"):
            ask()
    assert left(tmp_path) == []


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    """/dev/full answers every write as a full disk does."""
    store = Storage((tmp_path / "evidence").as_uri(), tmp_path / "scratch")
    folder = tmp_path / "evidence" / "7"
    folder.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(NoRoom, match="hết chỗ"):
        patch.setattr("tracker.files.storage.secrets.token_hex", lambda _n: "full")
        (folder / ".full.partial").symlink_to("/dev/full")
        put(store)
    assert left(tmp_path) == []
