"""Random inputs of a check: from the course's secret for hidden checks, from a public word for visible ones."""

import hashlib
import os
import random
from pathlib import Path

import torch

from grader.errors import GraderError

PUBLIC = b"visible checks draw from this"


class Draw:
    """Sources of randomness for one check; the same secret, check and attempt give the same draws."""

    def __init__(self, secret: bytes, module: str, check: str, attempt: int = 0) -> None:
        self.key = b"\0".join([secret, module.encode(), check.encode(), str(attempt).encode()])

    def seed(self, label: str = "") -> int:
        """A number below 2**63 for `label`."""
        return int.from_bytes(hashlib.sha256(self.key + b"\0" + label.encode()).digest()[:8]) >> 1

    def generator(self, label: str = "") -> torch.Generator:
        """A generator of the CPU for `label`."""
        return torch.Generator().manual_seed(self.seed(label))

    def random(self, label: str = "") -> random.Random:
        """Python's generator for `label`."""
        return random.Random(self.seed(label))


def course_secret(path: Path | None = None) -> bytes:
    """The course's secret: of `path`, or of the user's configuration, made there at first use. Raises GraderError."""
    if path is None:
        import platformdirs

        path = Path(platformdirs.user_config_dir("grader")) / "secret"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            made = path.with_name(f"secret.{os.getpid()}")
            made.touch(mode=0o600)
            made.write_text(os.urandom(32).hex() + "\n")
            try:
                os.link(made, path)  # the first of two that start at once wins
            except FileExistsError:
                pass
            finally:
                made.unlink()
    try:
        text = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise GraderError(
            f"The secret file {path} cannot be read: {error}.", "Name another with --secret-file."
        ) from error
    if len(text) < 16:
        raise GraderError(f"The secret file {path} holds fewer than 16 characters.", "Put a long random text into it.")
    return text.encode()


def fingerprint(secret: bytes) -> str:
    """What results record of a secret: enough to tell two apart, nothing of it."""
    return hashlib.sha256(b"fingerprint of " + secret).hexdigest()[:16]
