"""A picture of each threshold: what right solutions reach, what known mistakes reach, and where the bar lies."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def draw_threshold(title: str, entry: Mapping[str, Any], mistakes: Mapping[str, float], path: Path) -> None:
    """Write an SVG; entry: of `grader/checks/thresholds`, mistakes: what each known mistake reached."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    # The same picture, byte for byte, for the same numbers; text as text.
    matplotlib.rcParams.update({"svg.hashsalt": title, "svg.fonttype": "none"})
    figure, axes = plt.subplots(figsize=(7, 2.6), layout="constrained")
    values, threshold = entry["values"], entry["threshold"]
    axes.hist(values, bins=20, color="#3b7dd8", label=f"right solutions, {len(values)} secrets")
    for number, value in enumerate(mistakes.values()):
        axes.plot(value, 0.6, "|", color="#d1495b", markersize=14, label="known mistakes" if number == 0 else None)
    axes.axvline(threshold, color="black", linewidth=1.2, label=f"threshold {threshold:g}")
    axes.set(title=title, xlabel="reached", ylabel="runs")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
