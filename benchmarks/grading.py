"""What grading costs: a class through `grader grade`, the bare check bodies, and one plain pytest process a submission.

    python benchmarks/grading.py                                        100 students, three small exercises
    python benchmarks/grading.py --exercises training --students 10
    python benchmarks/grading.py --variants 1000                        does memory grow?

All figures of one call come from one machine in one run, on the same number of cores; quote the ratios.
"""

import argparse
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
for name in THREADS:
    os.environ[name] = "1"

import psutil  # noqa: E402
import torch  # noqa: E402

from grader.catalogue import load_course  # noqa: E402
from grader.engine.diagnosis import judge_of  # noqa: E402
from grader.engine.grading import Order, grade  # noqa: E402
from grader.engine.judge import Seat  # noqa: E402
from grader.engine.submissions import read_module  # noqa: E402
from grader.engine.workbench import Workbench  # noqa: E402
from grader.engine.workers import InProcess  # noqa: E402

SECRET = b"a secret of the benchmark"
ROOT = Path(__file__).resolve().parent.parent


def build_class(benches: list[Workbench], folder: Path, students: int) -> None:
    """Right submissions, the reference and the alternatives in turn, no two files alike."""
    for number in range(students):
        home = folder / f"student{number:04}"
        home.mkdir(parents=True)
        for bench in benches:
            texts = [bench.reference[0][2][0], *(files[0][2][0] for files in bench.alternatives.values())]
            text = texts[number % len(texts)] + f"\n\n# handed in by student {number}\n"
            (home / f"{bench.module}.py").write_text(text)


def bare(benches: list[Workbench], homes: list[Path], jobs: int) -> float:
    """Seconds for the check bodies alone: warm processes, one a core, student code in the same process."""

    def work(part: list[Path]) -> None:
        judges = {bench.module: judge_of(bench, SECRET, explain=False) for bench in benches}
        for home in part:
            for module, judge in judges.items():
                source = read_module(home, module)
                assert source is not None
                files = [(f.module, f.filename, f.cells, f.notebook) for f in source.files]
                seat, passed = Seat(module, judge.exercises, files, InProcess), set()
                verdicts = [judge.verdict(check, seat, passed) for check in judge.checks]
                assert all(v.outcome == "passed" for v in verdicts), [v for v in verdicts if v.outcome != "passed"]
                seat.clear()

    context = multiprocessing.get_context("fork")
    begin = time.monotonic()
    workers = [context.Process(target=work, args=(homes[k::jobs],)) for k in range(jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    return time.monotonic() - begin


def plain_pytest(homes: list[Path], jobs: int, exercises: list[str]) -> float:
    """Seconds for one pytest process a submission, as many at a time as there are cores."""
    environment = {**os.environ, "GRADER_BENCHMARK": ",".join(exercises), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "benchmarks.plain_pytest", "-p", "no:cacheprovider", "."]

    def work(home: Path) -> None:
        subprocess.run(command, cwd=home, env=environment, check=True, capture_output=True)

    begin = time.monotonic()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(work, homes))
    return time.monotonic() - begin


def grade_in_a_child(folder: Path, out: Path, exercises: list[str], jobs: int, memory: bool) -> dict[str, float]:
    """`grade` in a process of its own, as the command does; returns its figures."""
    receiver, sender = multiprocessing.get_context("fork").Pipe()

    def work() -> None:
        course = load_course()
        order = Order(course, folder, out, course.select(",".join(exercises)), SECRET, jobs=jobs)
        summary = grade(order)
        full = all(marks["score"] == marks["max_score"] for marks in summary.marks)
        sender.send({"seconds": summary.seconds, "start": summary.start_seconds, "full": full})

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    peak, samples = 0, []
    while not receiver.poll(0.5):
        if not process.is_alive() and not receiver.poll(0):
            raise SystemExit("grading failed")
        if memory:
            total = 0
            with suppress(psutil.Error):
                for each in [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]:
                    with suppress(psutil.Error):
                        total += each.memory_full_info().pss
            samples.append(total >> 20)
            peak = max(peak, total)
    figures = {**receiver.recv(), "peak": peak / (1 << 30), "samples": samples}
    process.join()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exercises", default="neuron,conv_shapes,mnist_classifiers")
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--sample", type=int, default=8, help="submissions for plain pytest")
    parser.add_argument("--memory", action="store_true", help="measure the peak of PSS (slows the run)")
    parser.add_argument("--variants", type=int, help="only grade so many variants of neuron and watch the memory")
    options = parser.parse_args()
    torch.set_num_threads(1)
    exercises = ["neuron"] if options.variants else options.exercises.split(",")
    benches = [Workbench(load_course(), module) for module in exercises]
    count = options.variants or options.students
    folder = Path(tempfile.mkdtemp(prefix="grader-benchmark-"))
    try:
        build_class(benches, folder / "class", count)
        memory = options.memory or bool(options.variants)
        graded = grade_in_a_child(folder / "class", folder / "out", exercises, options.jobs, memory)
        ours = graded["seconds"] - graded["start"]
        print(f"{count} submissions of {', '.join(exercises)} on {options.jobs} cores; full marks: {graded['full']}")
        pace = f"{1000 * ours / count:8.1f} ms a submission"
        print(f"grader grade       {ours:8.2f} s   {pace}   (start-up {graded['start']:.1f} s)")
        if memory:
            print(f"peak memory        {graded['peak']:8.2f} GiB (sum of PSS over the whole tree)")
            tenth = max(1, len(graded["samples"]) // 10)
            print(f"memory over time   {graded['samples'][::tenth]} MiB")
        if options.variants:
            return
        homes = sorted((folder / "class").iterdir())
        for bench in benches:
            bench.warm()
        alone = bare(benches, homes, options.jobs)
        allowed = 1.3 * alone + 0.040 * count
        print(f"bare check bodies  {alone:8.2f} s   {1000 * alone / count:8.1f} ms a submission")
        print(f"                   1.3 × bare + 40 ms a submission = {allowed:.2f} s: {ours / allowed:.2f} of it used")
        sample = homes[: options.sample]
        peer = plain_pytest(sample, options.jobs, exercises) * count / len(sample)
        print(f"plain pytest       {peer:8.2f} s   {1000 * peer / count:8.1f} ms a submission   (from {len(sample)})")
        print(f"                   {peer / ours:.1f} times as long as grader grade")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
