"""Figures of a list of numbers, a line through points, and the headings of a text: a module in Python, its standard library only."""

from burgeon import operation

import figures
import headings


@operation
def describe(values):
    return figures.describe(values)


@operation
def regress(points):
    return figures.line_through([(point["x"], point["y"]) for point in points])


@operation
def outline(text):
    return {"sections": headings.sections_of(text)}
