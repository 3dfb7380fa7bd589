import pytest

from climb.base.errors import UserError
from climb.data_prep.difficulty.source_ranks import given_ranks, rank_of
from climb.data_prep.metrics import source_spoken, source_written
from climb.data_prep.metrics.source_given import GivenOrder
from climb.data_prep.options import PrepConfig
from climb.data_prep.sources.families import family_of
from tests.data_prep.metrics.batches import sentences, tables

EDITIONS = {
    2023: ["aochildes", "bnc_spoken", "cbt", "children_stories", "gutenberg", "open_subtitles", "qed",
           "simple_wikipedia", "switchboard", "wikipedia"],
    2024: ["bnc_spoken", "childes", "gutenberg", "open_subtitles", "simple_wiki", "switchboard"],
    2025: ["bnc_spoken", "childes", "gutenberg", "open_subtitles", "simple_wiki", "switchboard"],
}  # fmt: skip
CLIMB_SPOKEN = {"aochildes": 1, "bnc_spoken": 2, "switchboard": 2, "open_subtitles": 3, "qed": 3, "cbt": 4,
                "children_stories": 4, "simple_wikipedia": 5, "wikipedia": 6, "gutenberg": 6}  # fmt: skip
CLIMB_WRITTEN = {"cbt": 1, "children_stories": 1, "simple_wikipedia": 2, "wikipedia": 3, "gutenberg": 3,
                 "open_subtitles": 4, "bnc_spoken": 5, "switchboard": 5, "qed": 6, "aochildes": 6}  # fmt: skip


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_file_of_every_edition_has_both_ranks(edition):
    for name in EDITIONS[edition]:
        for spelling in (name, f"{name}.train", f"{name}_dev", name.upper(), name.replace("_", "-")):
            family = family_of(spelling)
            assert source_spoken.SpokenFirst.missing({name: family}) is None, spelling
            assert source_written.WrittenFirst.missing({name: family}) is None, spelling


def test_the_published_orders():
    assert {family_of(name): rank for name, rank in CLIMB_SPOKEN.items()}.items() <= source_spoken.RANKS.items()
    assert {family_of(name): rank for name, rank in CLIMB_WRITTEN.items()}.items() <= source_written.RANKS.items()


def test_a_given_order_goes_by_label_and_else_by_family(tmp_path):
    (tmp_path / "order.txt").write_text("# mine\nwiki = 3\ndiary,1.5   # easy\n\nchildes\t1\n")
    ranks = given_ranks([str(tmp_path / "order.txt"), "simple_wiki=2"])
    assert ranks == {"wiki": 3, "diary": 1.5, "childes": 1, "simple_wiki": 2}
    labels = ("wikipedia.train", "diary", "CHILDES_10M", "simple-wikipedia", "cbt")
    assert [rank_of(label, ranks) for label in labels] == [3, 1.5, 1, 2, None]
    kind = GivenOrder.configured(PrepConfig(source_ranks=["cbt=7"]))
    assert kind(tables(tmp_path)).sentences(sentences(["a", "b"])).tolist() == [7, 7]
    assert kind.missing({"cbt": "cbt"}) is None
    assert kind.missing({"cbt": "cbt", "qed": "qed"}) == "--source-ranks has no qed: it gives ranks to cbt."


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        (["cbt"], "'cbt' is no LABEL=RANK"),
        (["cbt=first"], "is no LABEL=RANK"),
        (["a=1", "a=2"], "a has two ranks, 1 and 2"),
    ],
)
def test_what_is_no_order_is_refused(entries, complaint):
    with pytest.raises(UserError, match=complaint):
        given_ranks(entries)
