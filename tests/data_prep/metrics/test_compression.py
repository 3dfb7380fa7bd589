import random
import string
import zlib

import numpy as np
import pytest

from climb.data_prep.metrics.compression import Compression
from tests.data_prep.metrics.batches import blocks, sentences

METRIC = Compression(None)


def test_values_are_sizes_of_raw_deflate_less_those_of_nothing():
    texts = ["The cat sat on the mat. The cat sat.", "a" * 4000, "ein Fuß, zwei Füße"]
    expected = []
    for text in texts:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(text.encode()) + packer.flush()
        expected.append((len(packed) - 2) / len(text.encode()))
    np.testing.assert_allclose(METRIC.sentences(sentences(texts)), expected)
    np.testing.assert_allclose(METRIC.blocks(blocks(texts)), expected)


@pytest.mark.parametrize("size", [1, 5, 12, 30])
def test_short_text_without_repetition_has_one_however_short(size):
    letters = "".join(random.Random(size).sample(string.ascii_letters, size))
    assert METRIC.sentences(sentences([letters]))[0] == pytest.approx(1.0, abs=0.05)


def test_repetition_lowers_the_ratio():
    once = "the dog sees a cat and the cat sees it too "
    values = METRIC.blocks(blocks([once * times for times in (1, 2, 4, 16)]))
    assert (np.diff(values) < 0).all()
    assert values[-1] < 0.1
    assert METRIC.sentences(sentences(["", "a"])).tolist() == [0.0, 1.0]
