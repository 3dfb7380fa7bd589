"""Numbers and names as people read them."""

from __future__ import annotations

import math
import re
import unicodedata


def short_number(value: float) -> str:
    """Return a number with up to four significant digits and thousands separators.

    Example:
        >>> short_number(12345.6), short_number(0.04567), short_number(3.0)
        ('12,346', '0.04567', '3')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    size = math.floor(math.log10(abs(value)))
    if size < -5:
        return f"{value:.3g}"
    text = f"{value:,.{max(0, 3 - size)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def tick_number(value: float) -> str:
    """Return a number for an axis, where there is little room: thousands and millions by their letters.

    Example:
        >>> [tick_number(value) for value in (950, 10_000, 250_000, 2_500_000, 3e9, 0.25)]
        ['950', '10k', '250k', '2.5M', '3G', '0.25']
    """
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= max(size, 10_000):
            return short_number(value / size) + letter
    return short_number(value)


def percent(share: float) -> str:
    r"""Return a share as per cent, never a false 0 or 100; the space in it does not break.

    Example:
        >>> [text.replace("\xa0", " ") for text in map(percent, (0.1234, 0.00004, 0.99999, 1.0))]
        ['12.3 %', '< 0.01 %', '> 99.9 %', '100 %']
    """
    if 0 < share < 0.0001:
        return "<\u00a00.01\u00a0%"
    if 0.9995 <= share < 1:
        return ">\u00a099.9\u00a0%"
    if share in (0, 1):
        return f"{100 * share:.0f}\u00a0%"
    return f"{100 * share:.{1 if share >= 0.01 else 2}f}\u00a0%"


def shortened(text: str, letters: int) -> str:
    """Return the text, or its beginning and an ellipsis where it is longer than `letters`."""
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def slug(text: str) -> str:
    """Return a text as a fragment of an address: small letters, digits and hyphens; "part" when none is left.

    Example:
        >>> slug("What cleaning changed: 3 rules"), slug("???")
        ('what-cleaning-changed-3-rules', 'part')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "part"
