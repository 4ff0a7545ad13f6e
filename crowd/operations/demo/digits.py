"""The items: the handwritten digits that ship with scikit-learn, as pictures in a zip, and how easily each is misread.

E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998 (the 1,797
digits of its test part, 8 x 8 points of 0 to 16; 43 people wrote them).
"""

import csv
import io
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from crowd.kernel.errors import Unavailable

Floats = npt.NDArray[np.float64]

LABELS = tuple("0123456789")
SIZE = 128  # pixels, from 8 points
INK = 16  # the darkest point
ALIKE = 4.0  # how quickly a digit becomes unlikely to be taken for another, in distance between their points


@dataclass(frozen=True, kw_only=True)
class Digit:
    """`points` is 8 x 8, from 0 (paper) to 16 (ink). `label` is scikit-learn's, which no worker sees.

    `slips` says how much more often than an average picture this one is misread; `mistaken` for which digit then: ten
    chances, that of the right one 0.
    """

    key: str
    points: Floats
    label: str
    slips: float
    mistaken: Floats


def load(count: int | None = None) -> list[Digit]:
    """The first `count` digits, all 1,797 when None. Raises Unavailable without scikit-learn."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise Unavailable("The demo's pictures come with scikit-learn: install requirements/demo.txt.") from error
    found = load_digits()
    points, truth = np.asarray(found.images, dtype=float), np.asarray(found.target)
    slips, mistaken = _misread(points.reshape(len(points), -1), truth)
    every = [
        Digit(
            key=f"digit-{place:04}",
            points=points[place],
            label=str(truth[place]),
            slips=float(slips[place]),
            mistaken=mistaken[place],
        )
        for place in range(len(points))
    ]
    return every[:count]


def zip_of(digits: Sequence[Digit], gold: Collection[str]) -> bytes:
    """A zip as a requester would send it: a picture each and a manifest, with the answers of the `gold` keys only."""
    rows = io.StringIO()
    manifest = csv.writer(rows)
    manifest.writerow(["image", "key", "gold", "gold_reason"])
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for digit in digits:
            known = [digit.label, f"Its writer was asked for a {digit.label}."] if digit.key in gold else ["", ""]
            manifest.writerow([f"{digit.key}.png", digit.key, *known])
            archive.writestr(f"{digit.key}.png", png(digit))
        archive.writestr("manifest.csv", rows.getvalue())
    return stream.getvalue()


def png(digit: Digit) -> bytes:
    """Dark on light, enlarged without smoothing."""
    grey = (255 - digit.points * (255 / INK)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(grey).resize((SIZE, SIZE), Image.Resampling.NEAREST).save(stream, "PNG")
    return stream.getvalue()


def _misread(points: Floats, truth: npt.NDArray[np.int_]) -> tuple[Floats, Floats]:
    """What people confuse, guessed from the pictures: one that looks like the average of another digit is misread
    more often, and then for the digits that it looks like. On average over all pictures `slips` is about 1."""
    means = np.stack([points[truth == label].mean(axis=0) for label in range(len(LABELS))])
    distance = np.linalg.norm(points[:, None, :] - means[None, :, :], axis=2)
    rows = np.arange(len(points))
    own = distance[rows, truth]
    distance[rows, truth] = np.inf
    nearest = distance.min(axis=1)
    rank = np.argsort(np.argsort((own - nearest) / (own + nearest))) / max(len(points) - 1, 1)
    mistaken = np.exp((nearest[:, None] - distance) / ALIKE)
    return 0.25 + 4 * rank**4, mistaken / mistaken.sum(axis=1, keepdims=True)
