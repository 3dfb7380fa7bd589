import pytest
from hypothesis import settings

from climb.base.corpus import PreparedCorpus
from tests.corpus_fixture import write_corpus

# The same examples every time and no deadline: a busy machine must not fail a law of arithmetic.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> PreparedCorpus:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "blocks")


@pytest.fixture(scope="session")
def lines_corpus(tmp_path_factory: pytest.TempPathFactory) -> PreparedCorpus:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "lines", pack="lines", seed=1)


@pytest.fixture(scope="session")
def untagged_corpus(tmp_path_factory: pytest.TempPathFactory) -> PreparedCorpus:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "untagged", tagger=None)
