"""Stubs keep what a student must see and nothing of what a student must write."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import GraderError
from grader.release.stubs import BEGIN, END, GIVEN, stale_stubs, stub_source, write_stubs

ROOT = Path(__file__).parents[1]
SOLUTIONS, EXERCISES = ROOT / "solutions", ROOT / "exercises"
MODULES = sorted(path.stem for path in SOLUTIONS.glob("*.py"))

SOLUTION = '''"""A lesson."""

import math

LIMIT = 3

### BEGIN SOLUTION
SECRET = 4
### END SOLUTION


def area(r: float) -> float:
    """Of a circle."""
    ### BEGIN SOLUTION
    return SECRET * _times(r)
    ### END SOLUTION


### BEGIN SOLUTION
def _times(r):
    return math.pi * r


### END SOLUTION


class Circle:
    """Round."""

    def __init__(self, r):
        super().__init__()
        ### BEGIN SOLUTION
        self.r = r
        ### END SOLUTION

    ### BEGIN SOLUTION
    def _hidden(self):
        return self.r

    ### END SOLUTION

    def area(self):
        """As the function says."""
        ### BEGIN SOLUTION
        return area(self.r)
        ### END SOLUTION


### BEGIN SOLUTION
def _last():
    return 5


### END SOLUTION
'''

STUB = '''"""A lesson."""

import math

LIMIT = 3


def area(r: float) -> float:
    """Of a circle."""
    # Your code here.
    raise NotImplementedError("area is not implemented yet")


class Circle:
    """Round."""

    def __init__(self, r):
        super().__init__()
        # Your code here.
        raise NotImplementedError("Circle.__init__ is not implemented yet")

    def area(self):
        """As the function says."""
        # Your code here.
        raise NotImplementedError("Circle.area is not implemented yet")
'''


def surface(source):
    """What a module shows: (dotted name, signature, docstring) of everything public, in order."""

    def walk(body, prefix):
        for node in body:
            if not isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                continue
            if node.name.startswith("_") and not node.name.endswith("__"):
                continue
            yield prefix + node.name, signature(node), ast.get_docstring(node)
            if isinstance(node, ast.ClassDef):
                yield from walk(node.body, f"{prefix}{node.name}.")

    def signature(node):
        if isinstance(node, ast.ClassDef):
            return [ast.unparse(base) for base in node.bases]
        return ast.unparse(node.args), node.returns and ast.unparse(node.returns)

    tree = ast.parse(source)
    return [ast.get_docstring(tree), *walk(tree.body, "")]


def outside(source):
    """The lines of code and text that stand in no region, and those that one gives."""
    lines, inside, given = [], False, False
    for line in source.splitlines():
        inside = line.strip() == BEGIN or (inside and line.strip() != END)
        if line.strip() and not inside and line.strip() != END:
            lines.append(line)
        given = inside and (given or line.strip() == GIVEN)
        if given and line.strip() != GIVEN:
            lines.append(line.replace("# ", "", 1))
    return lines


def given_away(stub):
    """The lines of a stub but for those that the generator writes."""
    written = ("# Your code here.", "raise NotImplementedError(")
    return [line for line in stub.splitlines() if line.strip() and not line.strip().startswith(written)]


def test_code_that_is_given_takes_the_place_of_its_solution():
    region = (
        f"    {BEGIN}\n    return 1\n    {GIVEN}\n    # if x:\n    #     return 2\n    #\n    # return 3\n    {END}\n"
    )
    assert stub_source(f"def f(x):\n{region}") == "def f(x):\n    if x:\n        return 2\n\n    return 3\n"
    with pytest.raises(GraderError, match="Line 8: code that is given stands in comments"):
        stub_source(f"def f(x):\n{region.replace('    # return 3', '    return 3')}")


def test_a_region_gives_way_to_an_exception_or_to_nothing():
    assert stub_source(SOLUTION) == STUB


@pytest.mark.parametrize("source", [STUB, "### BEGIN SOLUTIONS\nx = 1\n"])
def test_a_file_without_regions_stays_as_it_is(source):
    assert stub_source(source) == source


@pytest.mark.parametrize("module", MODULES)
def test_a_stub_shows_the_names_signatures_and_docstrings_of_its_solution(module):
    source = (SOLUTIONS / f"{module}.py").read_text(encoding="utf-8")
    assert surface(stub_source(source)) == surface(source)


@pytest.mark.parametrize("module", MODULES)
def test_nothing_of_a_solution_remains_in_its_stub(module):
    source = (SOLUTIONS / f"{module}.py").read_text(encoding="utf-8")
    assert given_away(stub_source(source)) == outside(source)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_is_left_to_the_student(module):
    """Each says by its own dotted name that it is not written yet."""
    source = (SOLUTIONS / f"{module}.py").read_text(encoding="utf-8")
    stub = stub_source(source)
    if GIVEN in source:
        return  # the student is given code
    for name, signature, _ in surface(source)[1:]:
        if isinstance(signature, tuple):
            assert f'"{name} is not implemented yet"' in stub


def test_the_exercises_are_the_stubs_of_the_solutions():
    assert stale_stubs(SOLUTIONS, EXERCISES) == []


def test_stubs_are_formatted(tmp_path):
    (tmp_path / "circle.py").write_text(stub_source(SOLUTION), encoding="utf-8")
    write_stubs(SOLUTIONS, tmp_path)
    ruff = [sys.executable, "-m", "ruff", "format", "--check", "--config", str(ROOT / "pyproject.toml"), str(tmp_path)]
    result = subprocess.run(ruff, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


names = st.sampled_from(["area", "Circle", "encode", "train_cuda", "Ünit"])
bodies = st.lists(st.sampled_from(["x = 1", "if x:\n    y = 2", "# why", "", "return x"]), min_size=1, max_size=4)


def indented(text, by):
    return "\n".join(by + line if line.strip() else "" for line in text.split("\n"))


@st.composite
def functions(draw, indent=""):
    """A function whose body, or the rest of it after an open statement, is a region."""
    region = "\n".join([BEGIN, "secret = 1", *draw(bodies), END])
    body = "\n".join(['"""Read this."""', *draw(st.sampled_from([[], ["given = 0"]])), region])
    return indented(f"def {draw(names)}(a: int, *, b=None) -> int:\n{indented(body, '    ')}", indent)


@st.composite
def classes(draw):
    methods = draw(st.lists(functions(indent="    "), min_size=1, max_size=3))
    return "\n\n".join([f'class {draw(names)}(object):\n    """And this."""', *methods])


helpers = bodies.map(lambda body: "\n".join([BEGIN, "def _secret(x):", "    secret = 1", *map(_deeper, body), END]))


def _deeper(text):
    return indented(text, "    ")


@given(st.lists(st.one_of(functions(), classes(), helpers, st.just("GIVEN = 1")), max_size=5))
def test_any_solution_keeps_its_surface_and_loses_its_secrets(pieces):
    source = "\n\n\n".join(['"""A lesson."""', *pieces]) + "\n"
    stub = stub_source(source)
    assert surface(stub) == surface(source)
    assert given_away(stub) == outside(source)
    assert "secret" not in stub


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        (f"{BEGIN}\nx = 1\n", 1, "does not end"),
        (f"x = 1\n{END}\n", 2, "has not begun"),
        (f"{BEGIN}\nx = 1\n{END}\ny = 1\n{END}\n", 5, "has not begun"),
        (f"{BEGIN}\nx = 1\n{BEGIN}\ny = 1\n{END}\n{END}\n", 3, "within that of line 1"),
        (f"def f():\n    {BEGIN}\n    x = 1\n{END}\n", 4, "another indentation"),
        (f"def f():\n{BEGIN}\n    x = 1\n{END}\n", 2, "not aligned"),
        (f"def f():\n    {BEGIN}\n    x = 1\n\ndef g():\n    {END}\n    return 2\n", 2, "not aligned"),
        (f"def f():\n    return 1\n    {BEGIN}\n    {END}\n", 3, "empty"),
        (f"x = [\n    {BEGIN}\n    1,\n    {END}\n]\n", 2, "empty"),
        (f"#### begin solution\nx = 1\n{END}\n", 1, "no marker"),
        (f"###BEGIN SOLUTION\nx = 1\n{END}\n", 1, "no marker"),
        (f"if x:\n    {BEGIN}\n    y = 1\n    {END}\n", 1, "no valid Python"),
        (f"{BEGIN}\nfor x in y:\n    a = 1\n{END}\n    b = 2\n", 1, "no valid Python"),
        ("def f(:\n", 1, "no valid Python"),
    ],
)
def test_malformed_markers_are_named_with_their_line(source, line, problem):
    with pytest.raises(GraderError) as raised:
        stub_source(source)
    assert problem in raised.value.problem
    assert raised.value.problem.startswith(f"Line {line}: ")
    assert raised.value.remedy


@pytest.fixture
def course(tmp_path):
    """(solutions, exercises): two solutions, and their stubs as they should be."""
    solutions, exercises = tmp_path / "solutions", tmp_path / "exercises"
    solutions.mkdir()
    (solutions / "circle.py").write_text(SOLUTION, encoding="utf-8")
    (solutions / "plain.py").write_text("X = 1\n", encoding="utf-8")
    write_stubs(solutions, exercises)
    return solutions, exercises


def test_write_stubs_says_what_it_wrote(course):
    solutions, exercises = course
    assert write_stubs(solutions, exercises) == [exercises / "circle.py", exercises / "plain.py"]
    assert (exercises / "circle.py").read_text(encoding="utf-8") == STUB
    assert stale_stubs(solutions, exercises) == []


def test_missing_changed_and_left_over_stubs_are_stale(course):
    solutions, exercises = course
    (exercises / "circle.py").write_text(STUB + "\n", encoding="utf-8")
    (exercises / "plain.py").unlink()
    (exercises / "gone.py").write_text("", encoding="utf-8")
    assert stale_stubs(solutions, exercises) == ["circle", "gone", "plain"]


def test_a_bad_solution_is_named_and_nothing_is_written(course):
    solutions, exercises = course
    (solutions / "plain.py").write_text(f"{BEGIN}\n", encoding="utf-8")
    (exercises / "circle.py").unlink()
    with pytest.raises(GraderError, match=r"plain\.py: Line 1"):
        write_stubs(solutions, exercises)
    assert not (exercises / "circle.py").exists()
