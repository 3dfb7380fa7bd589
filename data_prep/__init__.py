"""Raw text → cleaned, tagged, scored, tokenised, packed corpus.

One function does it all: `prepare(PrepConfig(...))` returns the folder that `climb.base.corpus` describes.
Importing this package costs nothing heavy: numpy, pyarrow, tokenizers and spaCy are imported by the stages
that need them.
"""

from __future__ import annotations

from pathlib import Path

from climb.data_prep.options import PrepConfig

__all__ = ["PrepConfig", "prepare"]


def prepare(config: PrepConfig) -> Path:
    """Prepare a corpus and return its folder; see `climb.data_prep.pipeline.run`.

    Raises:
        UserError: bad input or options, or the folder holds another corpus.
        Interrupted: Ctrl-C; finished shards stay in place and the same call goes on from them.
    """
    from climb.data_prep import pipeline

    return pipeline.run(config)
