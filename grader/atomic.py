"""Files that are either the old ones or the new ones, also after a kill at any moment."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Replace `path` by what `write` puts into the file that it is given; makes the folder where it is missing.

    Raises OSError where that is impossible, and then leaves `path` as it was and no other file behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not tempfile: its files are for their owner only, and these are to be read by whoever the umask allows.
    draft = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        with draft.open("xb") as file:
            write(file)
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
