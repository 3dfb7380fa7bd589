import pytest

from climb.base.corpus import PreparedCorpus
from tests.corpus_fixture import write_corpus


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> PreparedCorpus:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "blocks")


@pytest.fixture(scope="session")
def lines_corpus(tmp_path_factory: pytest.TempPathFactory) -> PreparedCorpus:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "lines", pack="lines", seed=1)


@pytest.fixture(scope="session")
def untagged_corpus(tmp_path_factory: pytest.TempPathFactory) -> PreparedCorpus:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "untagged", tagger=None)
