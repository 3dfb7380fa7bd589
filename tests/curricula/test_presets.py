import pytest

from climb.config import TrainConfig
from climb.curricula.naming import curriculum_name, parse
from climb.curricula.self_scoring import SelfScoring
from climb.options import presets, resolve

ROWS = [name for name in presets("train") if name.startswith(("climb-data-", "climb-vocab-"))]


def test_the_published_rows_are_there():
    whats = {
        "data": ("source-spoken", "source-written", "ngram", "selfppl", "selfppl-random"),
        "vocab": ("token", "pos", "pos-token"),
    }
    expected = {
        f"climb-{kind}-{what}-{pacing}"
        for kind, some in whats.items()
        for what in some
        for pacing in ("linear", "log")
    }
    assert set(ROWS) == expected


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_climb_small_under_the_curriculum_of_its_name(name):
    row, small = resolve(TrainConfig, preset=name), resolve(TrainConfig, preset="climb-small")
    _, kind, middle = name.split("-", 2)
    what, pacing = middle.rsplit("-", 1)
    (spec,) = parse(row.curriculum)
    assert (spec.kind, spec.what.replace("_", "-"), spec.pacing.name) == (kind, what.removesuffix("-random"), pacing)
    if spec.self_scored:
        # CLIMB scores every position every 25,000 steps; before the first time its "random" start opens everything.
        scoring = SelfScoring.from_options(spec.options)
        assert scoring == SelfScoring(0.0625, None, 1.0, "equal" if what.endswith("-random") else "ngram")
        assert scoring.refresh_steps(row.max_steps).tolist() == list(range(25_000, 400_000, 25_000))
    assert curriculum_name([spec]) == row.curriculum
    assert row.model_copy(update={"curriculum": "none"}) == small
