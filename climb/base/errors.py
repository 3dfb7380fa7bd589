"""The one error a user is meant to see."""

from __future__ import annotations


class UserError(Exception):
    """Wrong input or usage: one sentence that names the file, the place in it and the cure.

    The command line prints the sentence without a traceback and exits with code 2.
    """


class Interrupted(Exception):  # noqa: N818 - not an error: the work is saved and the exit code is 130
    """The user stopped the program (Ctrl-C, SIGTERM) and everything finished was saved."""
