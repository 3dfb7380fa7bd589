"""What a cleaning rule is: a small function from a line to a line, and the characters it waits for.

Most lines hold nothing that most rules look for. A rule therefore names the characters of which a line must hold
at least one; the cleaner tests all of them at once and passes most lines by in a fraction of a microsecond.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A rule; call it with a line, and it returns what is left: the line, a shorter one, several, or nothing.

    Several lines are parted by newlines. No rule takes more than linear time, whatever the line holds.
    """

    name: str
    """Its name as people write it: "speaker tags"."""
    about: str
    """What it does, in a sentence."""
    needs: str
    """The rule changes nothing in a line that holds none of these characters; empty: it looks at every line."""
    apply: Callable[[str], str]

    def __call__(self, line: str) -> str:
        """Return what is left of a line."""
        return self.apply(line)


def rule(needs: str = "") -> Callable[[Callable[[str], str]], Rule]:
    """Make a rule of a function; its name and the first line of its docstring become the rule's.

    Args:
        needs: characters of which a line must hold one for the rule to change it.

    Example:
        >>> @rule("*")
        ... def stars(line: str) -> str:
        ...     '''Remove stars.'''
        ...     return line.replace("*", "")
        >>> stars.name, stars("a*b")
        ('stars', 'ab')
    """

    def declared(function: Callable[[str], str]) -> Rule:
        about = (function.__doc__ or "").partition("\n")[0]
        return Rule(function.__name__.replace("_", " "), about, needs, function)

    return declared
