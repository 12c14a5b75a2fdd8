"""Descriptive statistics and linear regression."""

from math import fsum, isfinite, sqrt
from statistics import median, quantiles

from burgeon import BurgeonFault


def require_some(values, least):
    if len(values) < least:
        raise BurgeonFault("TOO_FEW", f"{len(values)} values are too few: {least} are needed.", {"needed": least})


def finite(value):
    """A figure that JSON can say; what grew beyond it is told instead of written as no number."""
    if not isfinite(value):
        raise BurgeonFault("TOO_LARGE", "The values are too large to be reckoned with.")
    return value


def describe(values):
    require_some(values, 1)
    count, mean = len(values), fsum(values) / len(values)
    squares = fsum((value - mean) ** 2 for value in values)
    quarters = quantiles(values, n=4, method="inclusive") if count > 1 else [values[0]] * 3
    return {
        "count": count,
        "mean": finite(mean),
        "median": finite(median(values)),
        "deviation": finite(sqrt(squares / (count - 1))) if count > 1 else 0,
        "least": min(values),
        "greatest": max(values),
        "quartiles": [finite(each) for each in quarters],
    }


def line_through(points):
    """The line of least squares; `fit` is the share of the spread of y that it explains."""
    require_some(points, 2)
    count = len(points)
    middle_x = fsum(x for x, _ in points) / count
    middle_y = fsum(y for _, y in points) / count
    spread_x = fsum((x - middle_x) ** 2 for x, _ in points)
    spread_y = fsum((y - middle_y) ** 2 for _, y in points)
    if spread_x == 0:
        raise BurgeonFault("NO_SPREAD", "All x are the same: no line goes through them.")
    slope = fsum((x - middle_x) * (y - middle_y) for x, y in points) / spread_x
    return {
        "slope": finite(slope),
        "intercept": finite(middle_y - slope * middle_x),
        "fit": finite(min(1.0, slope * slope * spread_x / spread_y)) if spread_y else 1,
    }
