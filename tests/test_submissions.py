"""Whatever a student hands in, it is read without being run, followed or waited for, and what is wrong is said."""

import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.engine.submissions import ModuleSource, find_submissions, read_module
from grader.engine.submissions.imports import find_imports
from grader.engine.submissions.magics import without_magics
from grader.errors import GraderError


def notebook(*sources: Any, **more: Any) -> str:
    cells = [{"cell_type": "code", "source": source, "outputs": []} for source in sources]
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}, **more})


def hand_in(folder: Path, **files: str | bytes) -> Path:
    """Write files named by keywords: a__b_py is a/b.py, a__init_py is a/__init__.py."""
    for key, content in files.items():
        *packages, stem, suffix = key.replace("__", "/").replace("_", "/").split("/")
        path = folder.joinpath(*packages, f"{stem.replace('init', '__init__')}.{suffix}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def read(folder: Path, module: str = "task") -> ModuleSource:
    source = read_module(folder, module)
    assert source is not None
    return source


def names(source: ModuleSource) -> list[str]:
    return [file.filename for file in source.files]


def assert_refused(source: ModuleSource, *words: str) -> None:
    assert source.problem is not None
    assert "\n" not in source.problem
    assert source.problem.isprintable()
    for word in words:
        assert word in source.problem


# ---------------------------------------------------------------- whose folders there are


def test_one_folder_a_student_sorted_by_name(tmp_path: Path) -> None:
    for name in ("bob", "ada", ".hidden", "-n", "Zoë Ångström", "x y"):
        (tmp_path / name).mkdir()
    (tmp_path / "readme.txt").write_text("a plain file")
    found = find_submissions(tmp_path)
    assert [each.student for each in found] == ["-n", "Zoë Ångström", "ada", "bob", "x y"]
    assert all(each.problem is None and each.members == () for each in found)


def test_odd_names_become_printable_and_stay_different(tmp_path: Path) -> None:
    odd = [
        b"a\nb",
        b"a\\nb",
        b"caf\xe9",
        b"caf\\udce9",
        b"tab\t",
        "\u202egnp".encode(),
        b"a\\\\nb",
        b"x\x85",
        b"\xc2\x85x",
    ]
    for name in odd:
        os.mkdir(os.path.join(os.fsencode(tmp_path), name))
    students = [each.student for each in find_submissions(tmp_path)]
    assert len(set(students)) == len(odd)
    assert all(student.isprintable() for student in students)


def test_a_linked_folder_is_refused_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "eve").symlink_to(tmp_path / "ada")
    (tmp_path / "nowhere").symlink_to(tmp_path / "none")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    ada, eve = find_submissions(tmp_path)
    assert ada.problem is None
    assert eve.student == "eve"
    assert "symbolic link" in (eve.problem or "")


def test_a_group_file_lists_who_shares_the_marks(tmp_path: Path) -> None:
    for name in ("g1", "g2", "g3", "bob"):
        (tmp_path / name).mkdir()
    (tmp_path / "g1" / "group.txt").write_text("\ufeffada\n\n# a comment\n  bob  \r\nada\n", encoding="utf-8")
    (tmp_path / "g2" / "group.txt").write_bytes(b"\xff")
    os.mkfifo(tmp_path / "g3" / "group.txt")
    bob, g1, g2, g3 = find_submissions(tmp_path)
    assert g1.members == ("ada", "bob")
    assert "bob" in g1.notes[0]
    assert (g2.members, g3.members, bob.members) == ((), (), ())
    assert "line 1" in g2.notes[0]
    assert "pipe" in g3.notes[0]


def test_students_are_picked_by_name_or_member(tmp_path: Path) -> None:
    for name in ("ada", "bob", "team"):
        (tmp_path / name).mkdir()
    (tmp_path / "team" / "group.txt").write_text("carol\ndan\n")
    assert [each.student for each in find_submissions(tmp_path, ["bob", "carol"])] == ["bob", "team"]
    with pytest.raises(GraderError) as refused:
        find_submissions(tmp_path, ["adda"])
    assert "adda" in refused.value.problem
    assert "ada" in refused.value.remedy
    with pytest.raises(GraderError):
        find_submissions(tmp_path, [])


def test_a_root_without_submissions_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for root in (tmp_path, tmp_path / "none", tmp_path / "file"):
        with pytest.raises(GraderError):
            find_submissions(root)


# ---------------------------------------------------------------- the module's own file


def test_nothing_handed_in_is_none(tmp_path: Path) -> None:
    assert read_module(tmp_path, "task") is None
    assert read_module(tmp_path / "none", "task") is None
    assert read_module(hand_in(tmp_path, other_py="x = 1"), "task") is None


def test_a_script_is_one_cell(tmp_path: Path) -> None:
    source = read(hand_in(tmp_path, task_py="x = 1\r\ny = 2\r"))
    assert source.problem is None
    assert source.notes == ()
    (file,) = source.files
    assert (file.module, file.filename, file.notebook) == ("task", "task.py", False)
    assert file.cells == ("x = 1\ny = 2\n",)


def test_a_notebooks_code_cells_are_kept_apart(tmp_path: Path) -> None:
    text = json.loads(notebook("x = 1\n", ["y = 2\n", "z = 3"]))
    text["cells"].insert(1, {"cell_type": "markdown", "source": "import nothing"})
    source = read(hand_in(tmp_path, task_ipynb=json.dumps(text)))
    assert source.problem is None
    assert source.files[0].notebook
    assert source.files[0].cells == ("x = 1\n", "y = 2\nz = 3")


def test_a_notebook_of_format_3_is_read(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "input": ["x = 1\n", "y = 2"]}, {"cell_type": "markdown", "source": "text"}]
    old = {"nbformat": 3, "worksheets": [{"cells": cells}], "metadata": {}}
    assert read(hand_in(tmp_path, task_ipynb=json.dumps(old))).files[0].cells == ("x = 1\ny = 2",)


def test_of_script_and_notebook_the_script_is_graded_and_that_is_said(tmp_path: Path) -> None:
    source = read(hand_in(tmp_path, task_py="x = 1", task_ipynb=notebook("x = 2")))
    assert names(source) == ["task.py"]
    assert "task.py is graded" in source.notes[0]
    assert "task.ipynb" in source.notes[0]


@pytest.mark.parametrize("coding", ["latin-1", "utf-8", "cp1252", "gbk", "shift_jis"])
def test_a_coding_line_is_respected(tmp_path: Path, coding: str) -> None:
    text = f"# -*- coding: {coding} -*-\nname = '{'é' if coding != 'shift_jis' else 'テ'}'\n"
    source = read(hand_in(tmp_path, task_py=text.encode(coding)))
    assert source.files[0].cells == (text,)


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    assert read(hand_in(tmp_path, task_py=b"\xef\xbb\xbfx = 1")).files[0].cells == ("x = 1",)
    assert read(hand_in(tmp_path / "b", task_ipynb=b"\xef\xbb\xbf" + notebook("x").encode())).files[0].cells == ("x",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["task.py", "no code"]),
        (b" \n\t\n", ["task.py", "no code"]),
        (b"x = 1\ny = '\xff'\n", ["task.py", "line 2", "0xff", "UTF-8"]),
        (b"a = 1\n" * 10 + b"\xe9\n", ["line 11", "0xe9"]),
        ("x = 1".encode("utf-16"), ["task.py", "line 1", "UTF-8"]),
        (b"x = 1\nx = '\0'\n", ["task.py", "line 2", "NUL"]),
        (b"# coding: none-such\n", ["task.py", "encoding", "UTF-8"]),
        (b"# coding: rot13\n", ["task.py", "rot13", "UTF-8"]),
        (b"# coding: punycode\n" + b"a-" * 1000, ["task.py", "punycode"]),
        (b"# coding: utf-7\n+AAA-", ["task.py", "utf-7"]),
        (b"x" * (1024 * 1024 + 1), ["task.py", "1024 KiB"]),
    ],
)
def test_a_script_that_is_no_text_is_a_problem(tmp_path: Path, content: bytes, words: list[str]) -> None:
    assert_refused(read(hand_in(tmp_path, task_py=content)), *words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["empty"]),
        (b"{", ["line 1", "column 2"]),
        (b"x = 1\n", ["line 1"]),
        (b"\xff", ["line 1", "UTF-8"]),
        (b"[]", ["list of cells"]),
        (b"3", ["list of cells"]),
        (b"{}", ["list of cells"]),
        (b'{"cells": 3}', ["list of cells"]),
        (b'{"cells": [3]}', ["list of cells"]),
        (b'{"worksheets": [3]}', ["list of cells"]),
        (b'{"worksheets": {"a": 3}}', ["list of cells"]),
        (b'{"cells": []}', ["no code cells"]),
        (b'{"worksheets": [{}]}', ["no code cells"]),
        (b'{"cells": [{"cell_type": "markdown", "source": "x"}]}', ["no code cells"]),
        (notebook("", "  \n", "%%bash\nls"), ["no code"]),
        (notebook("x", 3), ["code cell 2", "no text"]),
        (notebook("x", ["y", 3]), ["code cell 2", "no text"]),
        (notebook("x", "a\nb\0"), ["code cell 2", "line 2", "NUL"]),
        (notebook("x", "a\nb\ud800"), ["code cell 2", "line 2", "half a character"]),
        (notebook("x = 1\n" * 200_000), ["1024 KiB"]),
        (notebook(*["x"] * 3000), ["2000 code cells"]),
        (b"[" * 100_000, ["task.ipynb"]),
        (b'{"a":' * 100_000, ["task.ipynb"]),
        (b'{"cells": ' + b"9" * 1_000_000 + b"}", ["task.ipynb"]),
        (b"[" + b"[]," * 2_000_000, ["outputs"]),
        (b"[" + b"1," * 9_000_000, ["outputs"]),
        (b" " * (64 * 1024 * 1024 + 1), ["65536 KiB"]),
    ],
)
def test_a_broken_notebook_is_a_problem(tmp_path: Path, content: bytes | str, words: list[str]) -> None:
    assert_refused(read(hand_in(tmp_path, task_ipynb=content)), "task.ipynb", *words)


def test_large_outputs_do_not_count_as_code(tmp_path: Path) -> None:
    text = json.loads(notebook("x = 1"))
    text["cells"][0]["outputs"] = [{"data": {"image/png": "A" * 20_000_000}}]
    source = read(hand_in(tmp_path, task_ipynb=json.dumps(text)))
    assert (source.problem, source.files[0].cells) == (None, ("x = 1",))


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        here = os.getcwd()
        os.chdir(path.parent)  # a socket's path is limited to about 100 bytes
        end.bind(path.name)
        os.chdir(here)


ODD_FILES: dict[str, Callable[[Path], Any]] = {
    "symbolic link": lambda path: path.symlink_to("/etc/hostname"),
    "symbolic link that leads nowhere": lambda path: path.symlink_to("none"),
    "symbolic link to itself": lambda path: path.symlink_to(path),
    "symbolic link to a folder": lambda path: path.symlink_to("/tmp"),
    "folder": Path.mkdir,
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "socket": make_socket,
}


@pytest.mark.parametrize("kind", ODD_FILES)
@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
def test_what_is_no_regular_file_is_a_problem(tmp_path: Path, kind: str, suffix: str) -> None:
    ODD_FILES[kind](tmp_path / f"task{suffix}")
    begin = time.monotonic()
    assert_refused(read(tmp_path), f"task{suffix}", "hand in")
    assert time.monotonic() - begin < 1


@pytest.mark.skipif(not hasattr(os, "mknod") or os.geteuid() != 0, reason="only root makes devices")
def test_a_device_is_not_opened(tmp_path: Path) -> None:
    try:
        os.mknod(tmp_path / "task.py", 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("no devices in this container")
    assert_refused(read(tmp_path), "device")


HOSTILE = {
    "parentheses": "x = " + "(" * 200_000 + ")" * 200_000,
    "unary": "x = " + "-" * 500_000 + "1",
    "attributes": "a" + ".b" * 500_000,
    "calls": "f" + "()" * 400_000,
    "huge int": "x = " + "9" * 1_000_000,
    "f-strings": "x = " + "f'{" * 100_000 + "}'" * 100_000,
    "elif": "if 1: pass\n" + "elif 1: pass\n" * 70_000,
    "open strings": "'''" * 300_000 + "'",
    "backslashes": "x = \\\n" * 150_000,
    "from backslash": "from \\\n" * 140_000,
    "open imports": "from a import (\n" * 65_000,
    "many imports": "import a\n" * 110_000,
    "one long import": "import " + "a," * 500_000,
    "dots": "from " + "." * 1_000_000,
    "semicolons": ";" * 1_000_000,
    "spaces": " " * 1_000_000 + "x",
    "blank lines": "\n" * 1_000_000 + "x",
    "eval spaces": ("eval" + " " * 1000) * 1000,
    "ligatures": "x = '" + "ﷺ" * 300_000 + "'",
    "dotted": "import " + "a." * 500_000 + "a",
    "question marks": "?" * 500_000 + "\nx",
    "question gaps": "x" + ("?" + " " * 99) * 10_000 + "x",
    "percent": "x" + " " * 500_000 + "= y",
    "commas": "a," * 500_000 + "x",
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
def test_no_text_is_slow_or_ends_the_process(tmp_path: Path, kind: str, suffix: str) -> None:
    text = HOSTILE[kind]
    (tmp_path / f"task{suffix}").write_text(text if suffix == ".py" else notebook(text), encoding="utf-8")
    begin = time.process_time()
    source = read(tmp_path)
    assert time.process_time() - begin < 5
    assert source.problem is None
    assert sys.getrecursionlimit() < 10_000


@given(content=st.binary(max_size=300), suffix=st.sampled_from([".py", ".ipynb"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_bytes_raise(tmp_path: Path, content: bytes, suffix: str) -> None:
    for name in ("task.py", "task.ipynb"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / f"task{suffix}").write_bytes(content)
    source = read(tmp_path)
    assert (source.problem is None) == bool(source.files) or source.files[0].module == "task"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["cells", "worksheets", "cell_type", "source", "input", "code"]), inner, max_size=3
    ),
    max_leaves=12,
)  # fmt: skip


@given(content=JSON)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_json_raises(tmp_path: Path, content: Any) -> None:
    (tmp_path / "task.ipynb").write_text(json.dumps(content))
    read(tmp_path)


# ---------------------------------------------------------------- the files that it may import


def test_only_what_is_imported_comes_along(tmp_path: Path) -> None:
    hand_in(
        tmp_path,
        task_py="import math\ndef f():\n    from helper import g\n    return g()\n",
        helper_py="import deep.down as d",
        deep__init_py="",
        deep__down_py="from . import beside\nfrom .further import *",
        deep__beside_py="",
        deep__further_py="",
        deep__unused_py="",
        unused_py="import helper",
        notes_ipynb=notebook("x = 1"),
    )
    assert names(read(tmp_path)) == [
        "task.py", "deep/__init__.py", "deep/beside.py", "deep/down.py", "deep/further.py", "helper.py"
    ]  # fmt: skip
    assert [file.module for file in read(tmp_path).files][1:3] == ["deep", "deep.beside"]


@pytest.mark.parametrize(
    "statement",
    [
        "import helper",
        "import os, helper as h",
        "import helper.sub",
        "if 1: import helper",
        "x = 1; import helper",
        "x = 1;import\\\n helper",
        "import \\\n    helper",
        "from helper import x",
        "from helper import (x,\n y)",
        "from helper import (  # why ) not \\\n x)",
        "from helper import*",
        "from\\\n helper import x",
        "from . import helper",
        "from.helper import x",
        "from .helper import(x)",
        "from . import os, helper",
        "from . import (os, # one\n helper as h)",
        "from . import" + " " * 200 + "(helper)",
        "class A:\n\tdef f(self):\n\t\timport helper",
        "try:\n import helper\nexcept ImportError: pass",
        "'''text\n''' ; import helper",
        "\x0cimport helper",
        "import ｈelper",
        "import a\nimport helper",
        "from a import (b\nimport helper",
        "# from a import (\nimport helper # )",
    ],
)
def test_every_form_of_import_is_found(tmp_path: Path, statement: str) -> None:
    hand_in(tmp_path, task_py=statement, helper_py="x = 1", other_py="")
    assert "helper.py" in names(read(tmp_path))
    hand_in(tmp_path / "nb", task_ipynb=notebook("pass", statement), helper_py="x = 1")
    assert "helper.py" in names(read(tmp_path / "nb"))


@pytest.mark.parametrize(
    "text",
    [
        "model.eval()\nre.compile('x')\n@torch.compile\ndef f(): pass",
        "# in eval mode, as torch.compile has it: open intervals\n'''eval mode'''",
        "x = 'import helper'\n# import helper\nimporthelper = 1",
        "from os import path\nimport math.helper",
        "reopen(1)\nevaluate(2)",
    ],
)
def test_nothing_more_than_the_imports_comes_along(tmp_path: Path, text: str) -> None:
    assert names(read(hand_in(tmp_path, task_py=text, helper_py=""))) == ["task.py"]


@pytest.mark.parametrize(
    "text",
    [
        "importlib.import_module('hel' + 'per')",
        "__import__('helper')",
        "exec('import ' + name)",
        "eval(text)",
        "x = eval\n",
        "list(map(eval, texts))",
        "(eval if 1 else 0)(text)",
        "ｅxec(text)",
        "sys.path.insert(0, 'more')",
        "import runpy",
        "open('helper.py').read()",
        "compile(text, 'f', 'exec')",
        "getattr(b, 'ex' + 'ec')(text)",
        "import pkgutil",
        "pickle.loads(data)",
        "import needed",
    ],
)
def test_dynamic_code_brings_all_files(tmp_path: Path, text: str) -> None:
    hand_in(tmp_path, task_py=text, needed_py="import sys", helper_py="", sub__more_py="", sub__old_ipynb=notebook("x"))
    (tmp_path / "my-notes.py").write_text("")
    for hidden in (".hidden", "__pycache__"):
        (tmp_path / hidden).mkdir()
        (tmp_path / hidden / "no.py").write_text("")
    found = names(read(tmp_path))
    assert found[0] == "task.py"
    assert {"helper.py", "sub/more.py", "sub/old.ipynb", "my-notes.py", "needed.py"} <= set(found)
    assert not any("no.py" in name for name in found)


def test_a_package_goes_before_a_module_and_a_script_before_a_notebook(tmp_path: Path) -> None:
    hand_in(tmp_path, task_py="import both, pack", both_py="", both_ipynb=notebook("x"), pack_py="", pack__init_py="")
    assert names(read(tmp_path)) == ["task.py", "both.py", "pack/__init__.py"]


def test_another_exercise_may_be_a_notebook(tmp_path: Path) -> None:
    hand_in(
        tmp_path, task_py="from first import Net", first_ipynb=notebook("!pip install x\nimport helper"), helper_py=""
    )
    assert names(read(tmp_path)) == ["task.py", "first.ipynb", "helper.py"]


def test_modules_that_import_each_other_end(tmp_path: Path) -> None:
    hand_in(tmp_path, task_py="import helper", helper_py="import task, helper")
    assert names(read(tmp_path)) == ["task.py", "helper.py"]


def test_a_broken_import_is_a_problem_and_names_its_file(tmp_path: Path) -> None:
    hand_in(tmp_path, task_py="import helper", helper_py=b"x = 1\n\xff")
    assert_refused(read(tmp_path), "helper.py", "line 2")
    (tmp_path / "helper.py").unlink()
    (tmp_path / "helper.py").symlink_to("/etc/passwd")
    assert_refused(read(tmp_path), "helper.py", "symbolic link")


def test_a_broken_file_that_may_not_be_needed_is_only_noted(tmp_path: Path) -> None:
    hand_in(tmp_path, task_py="exec('x = 1')", good_py="", bad_py=b"\xff")
    os.mkfifo(tmp_path / "pipe.py")
    source = read(tmp_path)
    assert source.problem is None
    assert names(source) == ["task.py", "good.py"]
    assert "bad.py" in source.notes[0]
    assert "pipe.py" in source.notes[0]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    hand_in(tmp_path / "elsewhere", secret_py="x = 1", pack__init_py="")
    mine = hand_in(tmp_path / "mine", task_py="import linked.secret, linked\nexec('')")
    (mine / "linked").symlink_to(tmp_path / "elsewhere")
    (mine / "up").symlink_to("..")
    (mine / "folder.py").mkdir()
    assert names(read(mine)) == ["task.py"]


def test_count_depth_and_size_are_bounded(tmp_path: Path) -> None:
    mine = hand_in(tmp_path, task_py="exec('')", **{f"f{number}_py": "" for number in range(300)})
    deep = mine.joinpath(*["d"] * 30)
    deep.mkdir(parents=True)
    (deep / "x.py").write_text("")
    source = read(mine)
    assert len(source.files) == 200
    assert "more)" in source.notes[0]
    hand_in(mine, task_py="\n".join(f"import f{number}" for number in range(300)))
    assert_refused(read(mine), "too many")


def test_a_folder_of_very_many_files_is_not_searched(tmp_path: Path) -> None:
    hand_in(tmp_path, task_py="import data.x, helper", helper_py="")
    (tmp_path / "data").mkdir()
    for number in range(10_001):
        (tmp_path / "data" / f"{number}.txt").touch()
    source = read(tmp_path)
    assert names(source) == ["task.py", "helper.py"]
    assert "data has more than" in source.notes[0]


# ---------------------------------------------------------------- the digest


def test_the_digest_is_the_contents(tmp_path: Path) -> None:
    ada = hand_in(tmp_path / "ada", task_py="import helper", helper_py="x = 1", unused_py="1")
    bob = hand_in(tmp_path / "bob", unused_py="2", helper_py="x = 1", task_py="import helper")
    first = read(ada).digest
    assert read(bob).digest == first
    hand_in(ada, unused_py="3")
    assert read(ada).digest == first
    hand_in(ada, helper_py="x = 2")
    assert read(ada).digest != first
    assert read(bob, "helper").digest != read(bob).digest


def test_the_digest_tells_files_apart(tmp_path: Path) -> None:
    one = read(hand_in(tmp_path / "1", task_py="import a, b", a_py="x", b_py=""))
    two = read(hand_in(tmp_path / "2", task_py="import a, b", a_py="", b_py="x"))
    three = read(hand_in(tmp_path / "3", task_py="import a, b", a_py="x"))
    assert len({one.digest, two.digest, three.digest}) == 3


def test_a_mended_file_has_another_digest(tmp_path: Path) -> None:
    broken = read(hand_in(tmp_path, task_py=b"\xff")).digest
    assert read(hand_in(tmp_path, task_py=b"x")).digest != broken


# ---------------------------------------------------------------- what only IPython understands


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("%matplotlib inline\nx = 1", "\nx = 1"),
        ("x = 1\n!pip install torch", "x = 1\n"),
        ("!pip install \\\n  torch\nx = 1", "\n\nx = 1"),
        ("if x:\n    !ls\ny = 1", "if x:\n    pass\ny = 1"),
        ("len?\nx = 1", "\nx = 1"),
        ("?len\n??len\nlen??\nnp.*load*?", "\n\n\n"),
        ("files = !ls", "files = None"),
        ("  t = %time f()", "  t = None"),
        ("a.b, c['d'] = !ls", "a.b, c['d'] = None"),
        ("%%bash\nls\nrm x", "\n\n"),
        ("\n%%writefile helper.py\nx = 1", "\n\n"),
        ("%%time\nx = 1\n%ls", "\nx = 1\n"),
        ("%%capture out\n%%timeit -n 1\nx = 1", "\n\nx = 1"),
        ("%%\nx", "\n"),
        ("%%time", ""),
        ("x = '''\n%no\n!no\n'''\n%yes", "x = '''\n%no\n!no\n'''\n"),
        ('x = """a\\"""\n!no\n"""', 'x = """a\\"""\n!no\n"""'),
        ("x = (1\n% 2\n)\n%yes", "x = (1\n% 2\n)\n"),
        ("x = 5 \\\n% 3\n%yes", "x = 5 \\\n% 3\n"),
        ("x = 'a\\\n!no'\n!yes", "x = 'a\\\n!no'\n"),
        ("x = 1  # (open '''\n%yes", "x = 1  # (open '''\n"),
        ("x = '('\n%yes", "x = '('\n"),
        ("x %= 3\nx != y\nx = y % z\nprint('x =!')\nprint('why?')\n# why?\nf(a='%')", None),
        ("x = 'what?'\ny = \"= !ls\"\nd = {'a': '!'}\ns = '%d' % 3", None),
        ("", ""),
    ],
)
def test_magics_are_blanked(cell: str, plain: str | None) -> None:
    assert without_magics(cell) == (cell if plain is None else plain)


@given(st.text(alphabet="%!?=ax '\"\\\n#(){}[],.", max_size=60))
def test_blanking_keeps_the_lines_and_settles(cell: str) -> None:
    plain = without_magics(cell)
    assert plain.count("\n") == cell.count("\n")
    assert isinstance(find_imports(plain, "").dynamic, bool)


def test_our_own_code_has_no_magics() -> None:
    for path in Path(__file__).parent.parent.joinpath("grader").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert without_magics(text) == text


# ---------------------------------------------------------------- modules that the checks use


def test_a_module_that_the_checks_use_comes_along(tmp_path: Path) -> None:
    hand_in(tmp_path, task_py="x = 1", used_py="import third", third_py="y = 2", other_py="")
    source = read_module(tmp_path, "task", ["used", "absent"])
    assert source is not None
    assert names(source) == ["task.py", "third.py", "used.py"]
    assert source.digest != read(tmp_path).digest


def test_a_broken_module_that_the_checks_use_is_no_problem(tmp_path: Path) -> None:
    hand_in(tmp_path, task_py="x = 1", used_py=b"\xff\xfe\x00 no text")
    source = read_module(tmp_path, "task", ["used"])
    assert source is not None
    assert source.problem is None
    assert names(source) == ["task.py"]
    assert "used.py" in source.notes[0]
