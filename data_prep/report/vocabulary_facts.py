"""What each token id of a corpus is: special, white space, a piece of a word; and how it is spelled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from climb.base.corpus import PreparedCorpus
from climb.base.files import read_json
from climb.data_prep.tokens.tokenizer_training import load_encoder

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Vocabulary:
    """What each token id is [V]."""

    texts: list[str]
    special: BoolArray
    """Special tokens, but for the unknown token: that one stands for text."""
    space: BoolArray
    """Tokens of spaces alone: the first piece of a word whose beginning they could not be merged with."""
    line_end: BoolArray
    """Other tokens of white space alone."""
    spelled: BoolArray
    """Tokens with a letter or digit, or with bytes of one."""
    spelling: IntArray
    """The first token id with the same text but for case and outer white space."""
    unknown: int | None

    @property
    def ordinary(self) -> BoolArray:
        """Tokens that stand for text of their own: neither special nor the unknown token [V]."""
        result = ~self.special
        if self.unknown is not None:
            result[self.unknown] = False
        return result


def read_vocabulary(corpus: PreparedCorpus) -> Vocabulary:
    """Return what each token id of a corpus is."""
    texts = [str(text) for text in corpus.lexicon()["text"]]
    folder = corpus.folder / "tokenizer"
    tokenizer = load_encoder(folder).tokenizer
    name = read_json(folder / "tokenizer_config.json").get("unk_token")
    name = name["content"] if isinstance(name, dict) else name
    unknown = tokenizer.token_to_id(name) if name else None
    special = np.zeros(len(texts), dtype=bool)
    added = tokenizer.get_added_tokens_decoder()
    special[[number for number, token in added.items() if token.special and number != unknown]] = True
    spellings: dict[str, int] = {}
    spelling = [spellings.setdefault(text.strip().casefold(), number) for number, text in enumerate(texts)]
    blank = np.array([bool(text) and not text.strip() for text in texts], dtype=bool) & ~special
    spelled = [number == unknown or _is_spelled(text) for number, text in enumerate(texts)]
    space = blank & np.array([not text.strip(" ") for text in texts], dtype=bool)
    return Vocabulary(
        texts, special, space, blank & ~space, np.array(spelled, dtype=bool), np.array(spelling, np.int64), unknown
    )


def _is_spelled(text: str) -> bool:
    return any(letter.isalnum() or letter == "\ufffd" for letter in text)
