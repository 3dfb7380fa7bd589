import pytest

from climb.data_prep.sources.families import family_of


@pytest.mark.parametrize(
    ("label", "family"),
    [
        ("simple_wiki", "simple_wikipedia"),
        ("Simple-Wikipedia_10M", "simple_wikipedia"),
        ("open_subtitles", "open_subtitles"),
        ("aochildes", "aochildes"),
        ("gutenberg_fixed", "gutenberg_fixed"),
        ("child_directed", "child_directed"),
        ("bnc_spoken_train", "bnc_spoken"),
    ],
)
def test_families_of_labels(label: str, family: str):
    assert family_of(label) == family
