"""Bytes and text of a file that anyone may have made: no link is followed, no device opened, nothing too large read."""

import codecs
import io
import os
import re
import stat
import tokenize
from pathlib import Path

# Python accepts any codec; some (punycode, idna) take hours on a text that is made for it.
_SOURCE_CODECS = re.compile(r"utf-8|ascii|iso8859|cp\d|mac-|koi8|gb|big5|shift_jis|euc_")


class UnreadableError(Exception):
    """A file that gives no text; the message is one line: which file, where, and what to do."""


def read_bytes(path: Path, name: str, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes; messages call the file `name`. Raises UnreadableError."""
    try:
        _refuse_other_kinds(os.lstat(path).st_mode, name)
        # The file may have been exchanged since: a pipe must not block, and a link must not be followed.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            _refuse_other_kinds(os.fstat(handle).st_mode, name)
            data = file.read(limit + 1)
    except OSError as error:
        raise UnreadableError(f"{name} cannot be read ({error.strerror}): hand it in again.") from error
    if len(data) > limit:
        raise UnreadableError(
            f"{name} is larger than {limit // 1024} KiB: hand in the code alone, without data or outputs."
        )
    return data


def _refuse_other_kinds(mode: int, name: str) -> None:
    if stat.S_ISLNK(mode):
        raise UnreadableError(f"{name} is a symbolic link: hand in the file itself.")
    if stat.S_ISDIR(mode):
        raise UnreadableError(f"{name} is a folder: hand in a file of that name.")
    if not stat.S_ISREG(mode):
        raise UnreadableError(f"{name} is a pipe or a device: hand in a regular file.")


def python_text(data: bytes, name: str) -> str:
    """The text of a Python file, by its coding line (PEP 263), with lines that end in "\\n". Raises UnreadableError."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        if not _SOURCE_CODECS.match(codecs.lookup(encoding).name):
            raise UnreadableError(f"{name} is written in {encoding}: save it as UTF-8.")
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError(_bad_byte(data, error, name)) from error
    except SyntaxError as error:  # what detect_encoding raises for bad bytes and for a codec that does not exist
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as cause:
            raise UnreadableError(_bad_byte(data, cause, name)) from error
        raise UnreadableError(f"{name} names an encoding that does not exist: save it as UTF-8.") from error
    return plain_text(text, name)


def utf8(data: bytes, name: str) -> str:
    """The text of a UTF-8 file, with or without a byte order mark. Raises UnreadableError."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(_bad_byte(data, error, name)) from error


def plain_text(text: str, name: str) -> str:
    """`text` with "\\n" at the ends of lines; raises UnreadableError for characters that no source code can have."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise UnreadableError(f"{name}, line {line}: there is a NUL character; save the file as UTF-8 text.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise UnreadableError(f"{name}, line {line}: there is half a character; type this line again.") from error
    return text


def _bad_byte(data: bytes, error: UnicodeDecodeError, name: str) -> str:
    line = data.count(b"\n", 0, error.start) + 1
    return f"{name}, line {line}: byte 0x{data[error.start]:02x} is not {error.encoding} text; save the file as UTF-8."
