"""Numbers as people read them."""

from __future__ import annotations

import math

_ABOVE = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float | None, digits: int = 3) -> str:
    """A number to so many digits, with separators for thousands; powers of ten where it is very large or small.

    Args:
        value: float; None or NaN give a dash.
        digits: int, default 3. Digits that count; whole numbers below a million keep all of theirs.

    >>> number(0.012345), number(1234.5), number(-3.0), number(2.5e9), number(None), number(999999)
    ('0.0123', '1,234', '−3', '2.5×10⁹', '–', '999,999')
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size and not 1e-4 <= size < 1e6:
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        return f"{_trimmed(mantissa)}×10{str(int(power)).translate(_ABOVE)}".replace("-", "−")
    if size >= 10 ** (digits - 1) or value == int(value):
        return f"{value:,.0f}".replace("-", "−")
    places = digits - 1 - math.floor(math.log10(size))
    return _trimmed(f"{value:,.{places}f}").replace("-", "−")


def places(value: float | None) -> str:
    """A number between -1 and 1, or not much larger, with four places.

    >>> places(0.86801), places(None), places(-0.00001)
    ('0.8680', '–', '0.0000')
    """
    if value is None or math.isnan(value):
        return "–"
    return f"{round(value, 4) + 0.0:.4f}".replace("-", "−")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float | None, places: int = 1) -> str:
    """A share of 1 as per cent; never 100 % or 0 % where it is not exactly that.

    >>> percent(0.8113), percent(1.0), percent(0.99996), percent(0.0001), percent(None)
    ('81.1%', '100%', '> 99.9%', '< 0.1%', '–')
    """
    if share is None or math.isnan(share):
        return "–"
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    least = 10.0**-places
    if 100 * share < least / 2:
        return f"< {least:g}%"
    if 100 * (1 - share) < least / 2:
        return f"> {100 - least:g}%"
    return f"{share:.{places}%}"


def share_interval(right: int, of: int) -> tuple[float, float]:
    """Where a share lies with 95 % confidence.

    Args:
        right, of: int. So many of so many.

    Source: Wilson 1927; Brown, Cai and DasGupta 2001.

    >>> low, high = share_interval(81, 100)
    >>> round(low, 3), round(high, 3)
    (0.722, 0.875)
    """
    z = 1.959964
    p, n = right / of, of
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))
