import hashlib
import os
import subprocess
import sys

import pytest

from climb.base.errors import UserError
from climb.sample_corpus import REGISTERS, documents, write_corpus

PINNED = "39043aae93bbf939ce67c2a0bf3ab82470469a3cc1cdba27ecb2cf19ab3fd954"


def test_files_hold_the_documents_one_sentence_a_line_and_enough_words(tmp_path):
    files = write_corpus(tmp_path, words=20_000, seed=3)
    assert [file.name for file in files] == [f"{register}.train" for register in REGISTERS]
    total = 0
    for register, file in zip(REGISTERS, files, strict=True):
        text = file.read_text(encoding="utf-8")
        total += len(text.split())
        assert text.endswith("\n")
        assert "\n\n\n" not in text
        for block, document in zip(text.strip().split("\n\n"), documents(register, 3), strict=False):
            assert block.split("\n") == document
    assert 20_000 <= total < 24_000


def test_a_longer_corpus_begins_with_the_shorter_one(tmp_path):
    short, long = (write_corpus(tmp_path / str(words), words) for words in (2_000, 6_000))
    for few, many in zip(short, long, strict=True):
        assert many.read_bytes().startswith(few.read_bytes())


def test_another_process_with_another_hash_seed_writes_the_same_bytes(tmp_path):
    here = write_corpus(tmp_path / "here", 3_000, seed=1)
    there = str(tmp_path / "there")
    code = "import sys, pathlib, climb.sample_corpus as c; c.write_corpus(pathlib.Path(sys.argv[1]), 3000, 1)"
    environment = {**os.environ, "PYTHONHASHSEED": "77", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", code, there], check=True, env=environment)
    for file in here:
        assert file.read_bytes() == (tmp_path / "there" / file.name).read_bytes()


def test_the_bytes_are_pinned(tmp_path):
    # A change of this digest changes everybody's sample corpus: say so in the changelog.
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in write_corpus(tmp_path, 10_000))).hexdigest()
    assert digest == PINNED


def test_no_words_are_refused(tmp_path):
    with pytest.raises(UserError, match="at least 1"):
        write_corpus(tmp_path, 0)


def test_the_room_is_light():
    code = "import sys, climb.sample_corpus; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
