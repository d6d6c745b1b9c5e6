"""Tables of text as Keras's `summary` draws them: columns of given widths, cells broken between words."""

from __future__ import annotations

from collections.abc import Sequence


def column_widths(positions: Sequence[float], length: int) -> list[int]:
    """The widths of columns, the spaces around the text included, of a table of `length` characters.

    Args: positions: where each column ends, as a share of the length.

    >>> column_widths([0.45, 0.8, 1.0], 76)
    [33, 24, 15]
    """
    ends = [int(position * length) for position in positions]
    widths = [end - start + 2 for start, end in zip([0, *ends], ends, strict=False)]
    excess, rest = sum(widths) + len(widths) + 1 - length, len(widths)
    for k, width in enumerate(widths):  # the borders need room: every column gives some
        given = max(0, min(width, round(excess / rest)))
        widths[k], excess, rest = width - given, excess - given, rest - 1
    return widths


def table(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], alignment: str) -> list[str]:
    """The lines of a table with a line between all rows.

    Args: head, rows: texts; widths: of the columns; alignment: a letter for each column: l, r or c.

    >>> print(*table(["a", "b"], [["long word", "1"]], [7, 5], "lr"), sep=chr(10))
    ┏━━━━━━━┳━━━━━┓
    ┃ a     ┃   b ┃
    ┡━━━━━━━╇━━━━━┩
    │ long  │   1 │
    │ word  │     │
    └───────┴─────┘
    """
    lines = [_rule(widths, "┏┳┓", "━"), *_row(head, widths, alignment, "┃"), _rule(widths, "┡╇┩", "━")]
    for position, row in enumerate(rows):
        lines += [_rule(widths, "├┼┤", "─")] if position else []
        lines += _row(row, widths, alignment, "│")
    return [*lines, _rule(widths, "└┴┘", "─")]


def _rule(widths: Sequence[int], corners: str, dash: str) -> str:
    return corners[0] + corners[1].join(dash * w for w in widths) + corners[2]


def _row(cells: Sequence[str], widths: Sequence[int], alignment: str, bar: str) -> list[str]:
    broken = [_broken(cell, width - 2) for cell, width in zip(cells, widths, strict=True)]
    height = max(len(lines) for lines in broken)
    padded = [
        [_aligned(line, width - 2, how) for line in [*lines, *[""] * (height - len(lines))]]
        for lines, width, how in zip(broken, widths, alignment, strict=True)
    ]
    return [f"{bar} " + f" {bar} ".join(column[k] for column in padded) + f" {bar}" for k in range(height)]


def _aligned(text: str, width: int, how: str) -> str:
    if how == "c":
        left = (width - len(text)) // 2
        return " " * left + text + " " * (width - len(text) - left)
    return text.rjust(width) if how == "r" else text.ljust(width)


def _broken(text: str, width: int) -> list[str]:
    """The text in lines of at most `width`, broken between words; a longer word is cut off."""
    lead = text[: len(text) - len(text.lstrip())]
    lines = [""]
    for number, word in enumerate(text.split()):
        word = lead + word if number == 0 else word
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if len(joined) <= width or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    return [line if len(line) <= width else line[: max(0, width - 1)] + "…" for line in lines]
