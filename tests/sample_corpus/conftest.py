from itertools import islice

import pytest

from climb.sample_corpus import REGISTERS, documents, minimal_pairs


def sentences(register, seed, count):
    """Return the sentences of the first `count` documents."""
    return [sentence for document in islice(documents(register, seed), count) for sentence in document]


@pytest.fixture(scope="session")
def text():
    """{register: sentences} of about 300,000 words in all."""
    return {register: sentences(register, 0, 400) for register in REGISTERS}


@pytest.fixture(scope="session")
def pairs():
    """200 pairs of every paradigm."""
    return minimal_pairs(200)


@pytest.fixture(scope="session")
def many_pairs():
    """1,000 pairs of every paradigm: enough to meet the rare words."""
    return minimal_pairs(1000)
