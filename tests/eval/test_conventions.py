import numpy as np
import pytest

from climb.base.errors import UserError
from climb.eval.conventions import convention_named

NAN, INF = float("nan"), float("inf")


def test_ties_wins_and_losses():
    good, bad = np.array([-1.0, -2.0, -3.0, -INF]), np.array([-2.0, -1.0, -3.0, -INF])
    assert convention_named("native").credit(good, bad).tolist() == [1.0, 0.0, 0.5, 0.5]
    assert convention_named("babylm-2025").credit(good, bad).tolist() == [1.0, 0.0, 1.0, 1.0]


def test_not_a_number_is_an_error_in_one_and_the_largest_in_the_other():
    good, bad = np.array([NAN, -1.0, NAN, -1.0]), np.array([-1.0, NAN, NAN, -2.0])
    expected = [float(np.argmax([a, b]) == 0) for a, b in zip(good, bad, strict=True)]
    assert convention_named("babylm-2025").credit(good, bad).tolist() == expected == [1.0, 0.0, 1.0, 1.0]
    with pytest.raises(UserError, match="3 of 4 pairs"):
        convention_named("native").credit(good, bad)


def test_an_unknown_name_lists_the_near_one():
    with pytest.raises(UserError, match="did you mean babylm-2025"):
        convention_named("babylm2025")
