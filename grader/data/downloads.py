"""The full data sets, from where their authors keep them."""

import gzip
import hashlib
import http.client
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple
from urllib.request import urlopen

from grader.atomic import write_atomically
from grader.data.local import require
from grader.errors import GraderError


class Download(NamedTuple):
    """address: the folder of the files; files: with none, MNIST's as torchvision names them; use: what reads them."""

    what: str
    address: str
    files: tuple[str, ...]
    folder: str
    use: str


DOWNLOADS = {
    "mnist": Download(
        "70,000 digits (12 MB)",
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        (),
        "MNIST/raw",  # where torchvision looks for them
        "grader.data.digits.mnist_digits(Path({to!r}))",
    ),
    "glove": Download(
        "400,000 words, 50 to 300 numbers each (860 MB)",
        "https://nlp.stanford.edu/data",
        ("glove.6B.zip",),
        "",
        "torchtext.vocab.Vectors('glove.6B.50d.txt', cache={to!r})",
    ),
    "sentiment140": Download(
        "1,600,000 tweets (80 MB)",
        "https://cs.stanford.edu/people/alecmgo",
        ("trainingandtestdata.zip",),
        "",
        "grader.data.tweets.labelled_tweets(Path({to!r}) / 'training.1600000.processed.noemoticon.csv')",
    ),
}


def fetch(name: str, to: Path, address: str | None = None) -> list[Path]:
    """Download a set and unpack it in the folder `to`; returns the files, each whole.

    address: the folder, as a URL, that has the files in place of the official one. Raises GraderError.
    """
    download = DOWNLOADS[name]
    written = []
    for file, digest in [(file, None) for file in download.files] or _mnist_files():
        url = f"{(address or download.address).rstrip('/')}/{file}"
        try:
            to.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=to) as archive:
                _copy(url, archive)
                if digest not in (None, hashlib.file_digest(archive, "md5").hexdigest()):
                    raise ValueError("the file is another than MNIST's")
                for member, content in _members(file, archive):
                    written.append(to / download.folder / member)
                    write_atomically(written[-1], partial(shutil.copyfileobj, content))
        except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile, http.client.HTTPException) as error:
            problem = f"{url} cannot be fetched into {to}: {getattr(error, 'reason', error)}."
            raise GraderError(
                problem, "Look at the connection and the folder, or name a copy's address with --from."
            ) from error
    return written


def _mnist_files() -> list[tuple[str, str]]:
    """Names and MD5 digests, as torchvision has them."""
    return require("torchvision.datasets", "torchvision").MNIST.resources


def _copy(url: str, archive: IO[bytes]) -> None:
    """Fill `archive` with what is at `url`, and show how far it is where someone watches."""
    from rich.progress import wrap_file

    with urlopen(url, timeout=60) as response:
        size = int(response.headers.get("Content-Length") or 0)
        name = PurePosixPath(url).name
        with wrap_file(response, size, description=name, disable=not sys.stdout.isatty()) as body:
            shutil.copyfileobj(body, archive)
    archive.seek(0)


def _members(name: str, archive: IO[bytes]) -> Iterator[tuple[str, IO[bytes] | gzip.GzipFile]]:
    """Name and content of each file that is packed in a .gz or .zip."""
    archive.seek(0)
    if name.endswith(".gz"):
        with gzip.open(archive) as content:
            yield name.removesuffix(".gz"), content
        return
    with zipfile.ZipFile(archive) as folder:
        for member in folder.infolist():
            if not member.is_dir():
                with folder.open(member) as content:
                    yield PurePosixPath(member.filename).name, content
