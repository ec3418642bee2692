"""Draw the pictures of examples that have none of their present experiment, or of all: `make gallery`.

The architectures of the timeline are planned anew then, too.
"""

from __future__ import annotations

import argparse
import json
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL.Image import Image

from glassnet.app.api.gallery import PICTURES, PRESETS
from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.training.trainer import Trainer
from tools.gallery import architectures
from tools.gallery.colors import THEMES
from tools.gallery.drawing import draw
from tools.gallery.training import Losses, fingerprint, frames, train

MANIFEST = PICTURES / "pictures.json"

#: Bytes of a picture at most, and the qualities that are tried for it.
LARGEST = 24_000
QUALITIES = (80, 70, 60, 50, 40, 30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="examples by the beginning of their names; none: every one")
    parser.add_argument("--all", action="store_true", help="also those whose pictures are up to date")
    wanted = parser.parse_args()
    known: dict[str, dict[str, Any]] = json.loads(MANIFEST.read_text()) if MANIFEST.exists() else {}
    paths = {path.stem: path for path in sorted(PRESETS.glob("*.json"))}
    for name, path in paths.items():
        asked = not wanted.names or name.startswith(tuple(wanted.names))
        stale = known.get(name, {}).get("experiment") != fingerprint(path.read_bytes())
        if asked and (stale or wanted.all):
            known[name] = take(path)
            print(name, known[name]["shows"])
            _write({each: known[each] for each in paths if each in known})
    for picture in PICTURES.glob("*.webp"):
        if picture.stem.rpartition("-")[0] not in paths:
            picture.unlink()
    if not wanted.names:
        architectures.write()


def take(path: Path, folder: Path = PICTURES) -> dict[str, Any]:
    """Train the example of a file and draw it in both themes; returns its entry of the manifest."""
    document = path.read_bytes()
    experiment = Experiment.parse(document)
    trainer, losses = train(experiment)
    seen = frames(trainer)
    for theme in THEMES:
        picture = draw(trainer.plan, seen, losses, theme)
        (folder / f"{path.stem}-{theme}.webp").write_bytes(encoded(picture))
    return {
        "experiment": fingerprint(document),
        "step": trainer.steps_taken,
        "seed": experiment.seed,
        "shows": described(trainer, losses, set(seen)),
    }


def encoded(picture: Image) -> bytes:
    """The picture as WebP, as good as its size allows."""
    for quality in QUALITIES:
        written = BytesIO()
        picture.save(written, "WEBP", quality=quality, method=6)
        if written.tell() <= LARGEST:
            return written.getvalue()
    raise ValueError(f"a picture takes {written.tell():,} bytes at the least; expected {LARGEST:,} at most")


def described(trainer: Trainer, losses: Losses, seen: set[str]) -> str:
    """What the picture shows, in words."""
    if "surface" in seen:
        parts = ["The output over the plane with the training points", "the network"]
    elif "pixel_classes" in seen:
        parts = ["Pictures of the test set with the class of each pixel", "the confusion matrix"]
    elif "found_boxes" in seen:
        parts = ["Pictures of the test set with the boxes found", "the filters of the first layer"]
    elif "filters" in seen:
        parts = ["The filters of the first layer", "the confusion matrix of the test set"]
    elif "confusion_matrix" in seen:
        parts = ["The confusion matrix of the test set", "the weights of the first layer"]
    else:
        parts = ["Predicted beside true values", "the weights of the first layer"]
    accuracy = losses.metrics.get("test_accuracy")
    loss = losses.metrics["test_loss"]
    score = f"test accuracy {accuracy:.1%}" if accuracy is not None else f"test loss {loss:.3g}"
    if "test_mean_iou" in losses.metrics:
        score = f"mean IoU {losses.metrics['test_mean_iou']:.1%}"
    if "test_map_50" in losses.metrics:
        score = f"mAP at 0.5 {losses.metrics['test_map_50']:.1%}"
    return f"{', '.join([*parts, 'and the losses, of the test set dashed'])}: {score}."


def _write(manifest: dict[str, dict[str, Any]]) -> None:
    MANIFEST.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
