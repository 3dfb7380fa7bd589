import json
import re
from collections import Counter
from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st

from climb.sample_corpus import REGISTERS, minimal_pairs, write_minimal_pairs
from climb.sample_corpus import lexicon as lx
from climb.sample_corpus.holdout import allowed_in_text, held_out
from tests.sample_corpus.conftest import sentences
from tests.sample_corpus.trigram import Trigram, accuracy

BLIMP_KEYS = [
    "sentence_good", "sentence_bad", "field", "linguistics_term", "UID", "simple_LM_method", "one_prefix_method",
    "two_prefix_method", "lexically_identical", "pair_id",
]  # fmt: skip


def of_both(pairs):
    return [s for pair in chain(*pairs.values()) for s in (pair.sentence_good, pair.sentence_bad)]


def test_there_are_at_least_six_phenomena_and_two_hundred_different_pairs_of_each(pairs):
    terms = {rows[0].linguistics_term for rows in pairs.values()}
    assert {
        "subject_verb_agreement", "determiner_noun_agreement", "anaphor_agreement", "npi_licensing",
        "filler_gap_dependency", "irregular_forms",
    } <= terms  # fmt: skip
    for uid, rows in pairs.items():
        assert len({(row.sentence_good, row.sentence_bad) for row in rows}) == 200
        assert {row.UID for row in rows} == {uid}
        assert all(row.sentence_good != row.sentence_bad for row in rows)


def test_every_word_occurs_as_often_in_good_as_in_bad_sentences(pairs):
    # Case and closing marks count: a preference for "No" over "no", or "?" over ".", earns nothing either.
    for rows in pairs.values():
        good = Counter(re.findall(r"\w+|[.?]", " ".join(row.sentence_good for row in rows)))
        bad = Counter(re.findall(r"\w+|[.?]", " ".join(row.sentence_bad for row in rows)))
        assert good == bad


def test_no_sentence_is_good_in_one_pair_and_bad_in_another(many_pairs):
    """`The sheep … are happy` would be: a noun that shows no number asks for a determiner that does."""
    for uid, rows in many_pairs.items():
        assert not {row.sentence_good for row in rows} & {row.sentence_bad for row in rows}, uid


def test_no_bad_sentence_of_agreement_is_good_in_the_past(many_pairs):
    """`The boy read the book`: plural present and past look alike."""
    alike = {"read", "cut", "beat", "put", "hit", "hurt", "let", "set", "shut", "cost", "spread"}
    for rows in (rows for rows in many_pairs.values() if rows[0].linguistics_term == "subject_verb_agreement"):
        for row in rows:
            good, bad = row.sentence_good.rstrip(".").split(), row.sentence_bad.rstrip(".").split()
            changed = {new for old, new in zip(good, bad, strict=True) if old != new}
            assert not changed & alike, row.sentence_bad


def test_no_object_of_a_bad_wh_clause_can_be_a_receiver(many_pairs):
    """`Mary knows what the boy found the dog` has a good reading: found for the dog."""
    somebody = {form for kind in ("person", "animal") for noun in lx.NOUNS[kind] for form in noun.forms}
    somebody |= {name.text for name in lx.NAMES}
    for row in many_pairs["wh_vs_that_with_and_without_gap"]:
        found = re.search(r" (?:what|who) .* (?:find|found|catch|caught|made|brought) .*?(\w+)\.$", row.sentence_bad)
        assert found is None or found[1] not in somebody, row.sentence_bad


def test_irregular_participles_have_one_form(many_pairs):
    """`Had hid`, `had forgot` and `had drank` stand in dictionaries."""
    for row in many_pairs["irregular_past_participle_verbs"]:
        assert not re.search(r"\b(hid|forgot|drank)\b", row.sentence_bad)


def test_a_unigram_model_and_a_length_rule_are_right_half_the_time(pairs):
    frequency = Counter(word for row in chain(*pairs.values()) for word in row.sentence_good.split())
    scores = {
        "unigram": lambda s: sum(frequency[word] for word in s.split()),
        "short": lambda s: -len(s),
    }
    for rows in pairs.values():
        for score in scores.values():
            values = [(score(row.sentence_good), score(row.sentence_bad)) for row in rows]
            points = sum((good > bad) + 0.5 * (good == bad) for good, bad in values)
            assert abs(points / len(rows) - 0.5) < 0.11


def test_a_trigram_model_of_the_same_text_stays_below_65_percent(text, pairs):
    lines = list(chain(*text.values()))
    model = Trigram(lines, sentences("story", 1, 30))
    shares = {uid: accuracy(model, rows) for uid, rows in pairs.items()}
    below = [uid for uid, share in shares.items() if share < 0.65]
    assert len(below) >= 2 / 3 * len(shares), shares


def test_the_trigram_model_knows_its_language(text):
    # The oracle is no straw man: it prefers real sentences to the same words shuffled.
    model = Trigram(list(chain(*text.values())), sentences("story", 1, 30))
    fresh = [s for s in sentences("story", 2, 10) if len(s.split()) > 4]
    right = sum(model.score(s) > model.score(" ".join(reversed(s.split()))) for s in fresh)
    assert right / len(fresh) > 0.95


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), register=st.sampled_from(REGISTERS), pair_seed=st.integers(0, 1000))
def test_no_sentence_of_a_pair_is_in_any_text_and_all_are_of_held_out_families(seed, register, pair_seed):
    lines = sentences(register, seed, 5)
    assert all(allowed_in_text(line) and not held_out(line) for line in lines)
    assert all(held_out(sentence) for sentence in of_both(minimal_pairs(2, pair_seed)))


def test_no_sentence_of_a_pair_occurs_in_text_even_without_case_or_quotes(text, pairs):
    pieces = {piece.strip(' "').lower() for line in chain(*text.values()) for piece in re.split(r"[.,!?]", line)}
    assert not {sentence[:-1].lower() for sentence in of_both(pairs)} & pieces


def test_a_shorter_list_is_the_beginning_of_a_longer_one_and_seeds_differ():
    short, long, other = minimal_pairs(10), minimal_pairs(20), minimal_pairs(10, seed=1)
    for uid in short:
        assert long[uid][:10] == short[uid]
        assert other[uid] != short[uid]


def test_files_have_blimps_format(tmp_path):
    files = write_minimal_pairs(tmp_path / "pairs", per_paradigm=6)
    assert sorted(tmp_path.joinpath("pairs").iterdir()) == sorted(files)
    for file in files:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        assert [list(row) for row in rows] == [BLIMP_KEYS] * 6
        assert [row["pair_id"] for row in rows] == list(range(6))
        for row in rows:
            assert row["UID"] == file.stem
            assert row["field"] in {"morphology", "syntax", "semantics", "syntax_semantics"}
            assert row["simple_LM_method"] is True
            assert row["one_prefix_method"] is row["two_prefix_method"] is False
            words = [sorted(row[key].lower().rstrip(".?").split()) for key in ("sentence_good", "sentence_bad")]
            assert row["lexically_identical"] is (words[0] == words[1])
