"""Plane geometry in natural pixels: areas and overlaps of convex outlines, and means that a stray value cannot move."""

from __future__ import annotations

import numpy as np

from crowd.quality.arrays import Floats

FREEDOM = 3.0
STEPS = 20


def area(outline: Floats) -> float:
    """Area of a simple polygon, outline (n, 2), by the shoelace formula."""
    if len(outline) < 3:
        return 0.0
    x, y = outline[:, 0], outline[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def clip(subject: Floats, window: Floats) -> Floats:
    """The part of a convex outline inside a convex window, both (n, 2). Sutherland and Hodgman, CACM 17, 1974."""
    window = _counter_clockwise(window)
    for start, end in zip(window, np.roll(window, -1, axis=0), strict=True):
        if not len(subject):
            break
        edge = end - start
        side = edge[0] * (subject[:, 1] - start[1]) - edge[1] * (subject[:, 0] - start[0])
        subject = _kept(subject, side)
    return subject


def _kept(outline: Floats, side: Floats) -> Floats:
    """The outline's points where side >= 0, and the crossings between them and the others."""
    found: list[Floats] = []
    for here in range(len(outline)):
        after = (here + 1) % len(outline)
        if side[here] >= 0:
            found.append(outline[here])
        if side[here] * side[after] < 0:
            share = side[here] / (side[here] - side[after])
            found.append(outline[here] + share * (outline[after] - outline[here]))
    return np.array(found).reshape(-1, 2)


def _counter_clockwise(outline: Floats) -> Floats:
    x, y = outline[:, 0], outline[:, 1]
    turn = np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))
    return outline if turn >= 0 else outline[::-1]


def overlap(one: Floats, other: Floats) -> float:
    """Intersection over union of two convex outlines, (n, 2) each; 0 for two without area."""
    shared = area(clip(one, other))
    union = area(one) + area(other) - shared
    return shared / union if union > 0 else 0.0


def robust_mean(values: Floats, weights: Floats) -> Floats:
    """The centre (d,) of values (n, d) with weights (n,): a mean in which far values count less and less.

    The location of a Student t distribution with three degrees of freedom, each coordinate for itself, by iterated
    reweighting from the weighted median. K. Lange, R. Little and J. Taylor, Robust Statistical Modeling Using the t
    Distribution, JASA 84, 1989.
    """
    centre = weighted_median(values, weights)
    if len(values) < 3:
        mean: Floats = np.average(values, axis=0, weights=weights)
        return mean
    scale = (1.4826 * weighted_median(np.abs(values - centre), weights)) ** 2
    for _ in range(STEPS):
        off = (values - centre) ** 2
        trust = weights[:, None] * (FREEDOM + 1) / (FREEDOM + off / np.maximum(scale, 1e-12))
        scale = (trust * off).sum(axis=0) / weights.sum()
        before, centre = centre, (trust * values).sum(axis=0) / trust.sum(axis=0)
        if np.abs(centre - before).max() < 1e-6:
            break
    return centre


def weighted_median(values: Floats, weights: Floats) -> Floats:
    """(d,): for each coordinate of values (n, d) the middle by weight; between two middles their mean."""
    order = np.argsort(values, axis=0, kind="stable")
    ranked = np.take_along_axis(values, order, axis=0)
    passed = np.cumsum(weights[order], axis=0) / weights.sum()
    low = (passed < 0.5 - 1e-12).sum(axis=0)
    high = np.minimum((passed <= 0.5 + 1e-12).sum(axis=0), len(values) - 1)
    columns = np.arange(values.shape[1])
    middle: Floats = (ranked[low, columns] + ranked[high, columns]) / 2
    return middle
