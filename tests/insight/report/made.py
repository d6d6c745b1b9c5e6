"""Reports of small trainings."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from chainrule.insight.receipt import receipt_of
from chainrule.insight.report import Facts, page
from chainrule.insight.words import Words

from ...tabular.tables import QUICK, fitted, write_classes, write_values


def facts(folder: Path, kind: str = "classes", language: str = "en", **options) -> Facts:
    """The facts of a training on a table with columns size, colour and label or price."""
    labels = options.pop("labels", ("no", "yes"))
    rows = options.pop("rows", 120)
    if kind == "classes":
        path, target = write_classes(folder / "pets.csv", rows=rows, labels=labels), "label"
    else:
        path, target = write_values(folder / "prices.csv", rows=rows), "price"
    result = fitted(path, target, **{"training": QUICK, **options})
    receipt = receipt_of(result, path, None, ["fit", path, "--target", target])
    receipt["verify"] = f"chainrule verify m {path}"
    return Facts(Words(language), result, receipt, f"chainrule fit {path} --target {target}")


def tree(text: str) -> ElementTree.Element:
    """A page, read as XML: it must be well-formed."""
    first, _, rest = text.partition("\n")
    assert first == "<!DOCTYPE html>"
    return ElementTree.fromstring(rest)


def words_of(element: ElementTree.Element) -> str:
    """What a reader sees, scripts and styles left out."""
    if element.tag.rpartition("}")[2] in ("style", "script"):
        return element.tail or ""
    return " ".join([element.text or "", *(words_of(child) for child in element), element.tail or ""])


def shown(found: Facts) -> str:
    """The text of a report."""
    return " ".join(words_of(tree(page(found))).split())
