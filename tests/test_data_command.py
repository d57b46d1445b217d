"""`grader data`: what is here, whether it is right, and the full sets, downloaded from a server on this machine."""

import gzip
import hashlib
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from tiny_course import run_grader

from grader.cli.data import SETS, data_command
from grader.data import sources
from grader.data.digits import mnist_digits
from grader.data.downloads import DOWNLOADS, fetch
from grader.data.sources import SOURCES
from grader.data.tweets import labelled_tweets
from grader.errors import GraderError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(data_command, arguments)


def test_the_list_names_every_source_and_its_packages() -> None:
    done = run("list")
    assert done.exit_code == 0
    for source in SOURCES:
        assert f"✓ {source.name}" in done.output
        assert all(package in done.output for package in source.packages)
    assert all(name in done.output for name in SETS)


def test_the_list_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = SOURCES[0]._replace(packages=("no-such-package",))
    monkeypatch.setattr(sources, "SOURCES", (absent,))
    lines = run("list").output.splitlines()
    assert lines[0].startswith("✗ digits")
    assert lines[1:3] == ["    no-such-package (not installed)", "    pip install 'grader[data]'"]


def test_all_sources_are_as_they_should_be() -> None:
    for source in SOURCES:
        for what, found, wanted in source.facts():
            assert found == wanted, f"{source.name}: {what}"


def test_verify_shows_each_fact() -> None:
    done = run("verify", "photos")
    assert done.exit_code == 0
    assert done.output.splitlines()[0] == "✓ photos: images: (270, 3, 96, 96)"


def test_verify_exits_1_where_something_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> list[sources.Fact]:
        raise GraderError("It is gone.", "Get it.")

    wrong = SOURCES[0]._replace(facts=lambda: [("images", 3, 4), ("labels", 4, 4)])
    for source, line in (
        (wrong, "✗ digits: images: 3, and should be 4"),
        (wrong._replace(facts=missing), "It is gone."),
    ):
        monkeypatch.setattr(sources, "SOURCES", (source,))
        done = run("verify")
        assert done.exit_code == 1
        assert line in done.output


def test_verify_knows_its_sources() -> None:
    assert isinstance(run("verify", "digitz").exception, GraderError)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address at which it can be downloaded."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def pack(file: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes())


def serve_mnist(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty digits under the names of MNIST's files, with digests that are right for them."""
    from torchvision.datasets import MNIST

    resources = []
    for name, _ in MNIST.resources:
        count = 30 if name.startswith("train") else 10
        content = idx(np.zeros((count, 28, 28)) if "images" in name else np.arange(count) % 10)
        (folder / name).write_bytes(content)
        resources.append((name, hashlib.md5(content).hexdigest()))
    monkeypatch.setattr(MNIST, "resources", resources)


def test_fetched_mnist_is_what_the_digits_are_read_from(
    served: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_mnist(served[0], monkeypatch)
    assert len(fetch("mnist", tmp_path / "data", served[1] + "/")) == 4
    assert mnist_digits(tmp_path / "data")[1].bincount().tolist() == [4] * 10


def test_another_file_than_mnists_is_refused(
    served: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_mnist(served[0], monkeypatch)
    file = next(served[0].glob("train-images*"))
    file.write_bytes(idx(np.ones((30, 28, 28))))
    with pytest.raises(GraderError, match="another than MNIST's"):
        fetch("mnist", tmp_path / "data", served[1])
    assert not list((tmp_path / "data").rglob("train-images*"))


def test_fetched_tweets_are_read_where_they_are(served: tuple[Path, str], tmp_path: Path) -> None:
    rows = "".join(f'"{4 * (n % 2)}","{n}","Mon Apr 06","NO_QUERY","ada","tweet {n}"\n' for n in range(40))
    pack(served[0] / "trainingandtestdata.zip", {"training.1600000.processed.noemoticon.csv": rows.encode()})
    (file,) = fetch("sentiment140", tmp_path / "data", served[1])
    assert sum(len(part.texts) for part in labelled_tweets(file)) == 40


def test_an_archive_reaches_no_other_folder(served: tuple[Path, str], tmp_path: Path) -> None:
    pack(served[0] / "glove.6B.zip", {"folder/": b"", "../../glove.6B.50d.txt": b"the 0.1"})
    assert fetch("glove", tmp_path / "data", served[0].as_uri()) == [tmp_path / "data" / "glove.6B.50d.txt"]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-30])


@pytest.mark.parametrize(
    "spoil", [Path.unlink, cut, lambda file: file.write_bytes(b"no archive")], ids=["absent", "cut", "no archive"]
)
def test_what_cannot_be_fetched_is_one_clear_error(
    served: tuple[Path, str], tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    pack(served[0] / "glove.6B.zip", {"glove.6B.50d.txt": b"the 0.1\n" * 1000})
    spoil(served[0] / "glove.6B.zip")
    with pytest.raises(GraderError, match=rf"{served[1]}/glove\.6B\.zip cannot be fetched") as refused:
        fetch("glove", tmp_path / "data", served[1])
    assert "--from" in refused.value.remedy
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "nonsense", "file:///no/such/folder"])
def test_the_installed_command_says_it_in_two_lines(address: str, tmp_path: Path) -> None:
    done = run_grader("data", "fetch", "sentiment140", "--to", tmp_path / "data", "--from", address)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2
    assert done.stderr.startswith(f"Error: {address}/trainingandtestdata.zip cannot be fetched into")


def test_the_installed_command_says_what_reads_the_files(served: tuple[Path, str], tmp_path: Path) -> None:
    pack(served[0] / "glove.6B.zip", {"glove.6B.50d.txt": b"the 0.1\n"})
    done = run_grader("data", "fetch", "glove", "--to", tmp_path / "data", "--from", served[1])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == f"wrote {tmp_path / 'data' / 'glove.6B.50d.txt'}"
    assert "torchtext.vocab.Vectors(" in done.stdout


def test_every_set_can_be_named() -> None:
    assert tuple(DOWNLOADS) == SETS
