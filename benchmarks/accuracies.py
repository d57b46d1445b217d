"""What the references reach on the shipped data with the graders' budgets: a Markdown table, made in a minute or two.

    python benchmarks/accuracies.py

Each row is one run of a learning check on the reference, with a secret of this benchmark; thresholds and their
distributions over many secrets are in grader/checks/thresholds.
"""

import time

from grader.cli.options import one_thread

SECRET = b"a secret of this benchmark"
WHAT = {
    ("training", "cnn"): ("accuracy of the CNN on 1,000 held-out digits, 3 epochs of 2,000", "0.10 by guessing"),
    ("training", "ann"): ("accuracy of the fully-connected net, likewise", "0.10 by guessing"),
    ("transfer_learning", "photos"): (
        "accuracy on held-out photos, from a pretrained CNN's features",
        "0.11 by guessing",
    ),
    ("autoencoder", "quality"): ("1 - error / error of the mean image, held-out digits", "0 for the mean image"),
    ("conv_autoencoder", "quality"): ("the same, convolutional", "0 for the mean image"),
    ("vae", "quality"): ("the same, variational", "0 for the mean image"),
    ("tweet_sentiment", "tweets"): ("accuracy on held-out tweets, sum of embeddings", "0.50 by the majority"),
    ("tweet_rnn", "tweets"): ("accuracy on held-out tweets, recurrent", "0.50 by the majority"),
    ("text_generator", "sentence"): ("chance of the right next character of a learnt sentence", "0.13 by guessing"),
    ("gan", "mean"): ("correlation of the mean generated with the mean real image", "0 by noise"),
    ("adversarial", "fcnet"): ("share of six attacks that fool FCNet, one miss forgiven", "0"),
    ("adversarial", "convnet"): ("share of six attacks that fool ConvNet, one miss forgiven", "0"),
}


def main() -> None:
    one_thread()  # before torch is imported
    from grader.catalogue import load_course
    from grader.engine.calibration import measure, read_entries
    from grader.engine.workbench import Workbench

    course = load_course()
    print("| exercise | what | reached | beside | threshold | seconds |")
    print("|---|---|---|---|---|---|")
    for exercise in course.exercises:
        bench = Workbench(course, exercise.module)
        entries = read_entries(bench)
        if not entries:
            continue
        bench.warm()
        begin = time.perf_counter()
        reached = measure(bench, bench.reference, SECRET)
        seconds = time.perf_counter() - begin
        for name, value in reached:
            what, beside = WHAT.get((bench.module, name), (name, ""))
            figures = f"{value:.3f} | {beside} | {entries[name]['threshold']:g} | {seconds:.1f}"
            print(f"| `{bench.module}` | {what} | {figures} |")
    print(f"| `image_search` | precision@20 among 270 photo crops | {precision():.3f} | 0.11 by guessing | | |")
    print(f"| `word_embeddings` | man : king = woman : ? | {analogy(Workbench(course, 'word_embeddings'))} | | | |")


def precision() -> float:
    """The mean share of a photo's 20 nearest, itself left out, that show its picture."""
    import torch

    from grader.data.photos import photo_features

    features, labels = photo_features()
    rows = torch.nn.functional.normalize(features.mean(dim=(2, 3)), dim=1)
    nearest = (rows @ rows.T).fill_diagonal_(-1).topk(20).indices
    return float((labels[nearest] == labels[:, None]).double().mean())


def analogy(bench) -> str:
    """The reference's answer."""
    from grader.data.vectors import glove
    from grader.engine.workers import InProcess

    session = InProcess().session
    session.do_load(bench.module, bench.reference, bench.exercises)
    return session.module.analogy(glove(), "man", "king", "woman")[0][0]


if __name__ == "__main__":
    main()
