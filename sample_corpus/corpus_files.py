"""The sample corpus on disk: one plain-text file a register, as the BabyLM corpora come.

Cost: about 400,000 words a second on one core; memory is one register's text.
"""

from __future__ import annotations

from pathlib import Path

from climb.base.errors import UserError
from climb.base.files import write_text
from climb.sample_corpus.registers import REGISTERS, documents


def write_corpus(folder: Path, words: int, seed: int = 0) -> list[Path]:
    """Write `<register>.train` for every register and return the files.

    One sentence a line, a blank line between documents. Every register gets an equal share of the words
    and ends with the document that fills its share, so at least `words` blank-separated words are written.
    Same words and seed, same bytes on every platform; each file appears whole or not at all.

    Raises:
        UserError: `words` is not positive.
    """
    if words < 1:
        raise UserError(f"the sample corpus was asked for {words} words: ask for at least 1")
    folder.mkdir(parents=True, exist_ok=True)
    share = -(-words // len(REGISTERS))
    files = []
    for register in REGISTERS:
        files.append(folder / f"{register}.train")
        write_text(files[-1], _text(register, share, seed))
    return files


def _text(register: str, words: int, seed: int) -> str:
    texts: list[str] = []
    written = 0
    for document in documents(register, seed):
        texts.append("\n".join(document) + "\n")
        written += sum(sentence.count(" ") + 1 for sentence in document)
        if written >= words:
            return "\n".join(texts)
    raise AssertionError("documents() came to an end")
