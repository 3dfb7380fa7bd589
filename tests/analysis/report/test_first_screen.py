"""The answer in words: a sentence per condition where there are few, one per outcome where there are many."""

from climb.analysis.comparison import compare
from climb.analysis.report.first_screen import answer, question
from tests.analysis.fake_runs import sweep


def compared(folder, **levels):
    """Three seeds a condition, 0.4 points apart, in another order in each."""
    noise = [0.0, 0.004, -0.004]
    return compare(
        sweep(
            folder,
            {
                name: [level + noise[(seed + place) % 3] for seed in range(3)]
                for place, (name, level) in enumerate(levels.items())
            },
        )
    )


def test_many_conditions_share_a_sentence_per_outcome(tmp_path):
    same = {f"data_{n}_linear": 0.6 + 0.0001 * n for n in range(3)}
    comparison = compared(tmp_path, none=0.6, **same, vocab_linear=0.5, mask_linear=0.4)
    assert question(comparison) == "Does any of 5 conditions beat none?"
    assert answer(comparison) == (
        "On sample_pairs accuracy, no condition was found better than none. 2 of 5 are worse, in percentage points: "
        "mask_linear (-20.0) and vocab_linear (-10.0). "
        "3 of 5 are not distinguishable from none: -1.1 to +1.1 remains possible."
    )


def test_the_better_ones_come_first_and_nothing_found_is_said_once(tmp_path):
    comparison = compared(tmp_path / "a", none=0.6, a=0.6, b=0.6, c=0.5, d=0.7, e=0.6)
    assert answer(comparison) == (
        "On sample_pairs accuracy, 1 of 5 is better, in percentage points: d (+10.0). 1 of 5 is worse, in percentage "
        "points: c (-10.0). "
        "3 of 5 are not distinguishable from none: -1.1 to +1.1 remains possible."
    )
    nothing = compared(tmp_path / "b", none=0.6, a=0.6, b=0.6, c=0.6, d=0.6, e=0.6)
    assert answer(nothing) == (
        "On sample_pairs accuracy, no condition was found better than none. "
        "5 of 5 are not distinguishable from none: -1.1 to +1.1 remains possible."
    )
