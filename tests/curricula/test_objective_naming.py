"""Names of objective curricula: defaults, and the way to a specification and back."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from climb.curricula.naming import curriculum_name, parse
from climb.curricula.objective_base import objective_units
from climb.curricula.objective_naming import Span, default_spans, spans_of

UNITS = sorted(objective_units())


def test_the_default_is_climbs():
    (spec,) = parse("objective_pos_mlm")
    assert spans_of(spec.options) == {"pos": Span(0.0, 0.125), "mlm": Span(0.125, 1.0)}
    long = "objective_pos_mlm:mode=each,pos=0-0.125@1,mlm=0.125-1"
    assert parse(long) == parse("objective_pos_mlm")
    assert curriculum_name(parse(long)) == "objective_pos_mlm"


@pytest.mark.parametrize("count", range(2, 7))
def test_the_first_units_share_an_eighth_without_gap(count):
    spans = list(default_spans(UNITS[:count], "each").values())
    assert (spans[0].start, spans[-2].end, spans[-1].end) == (0.0, 0.125, 1.0)
    assert all(one.end == other.start for one, other in pairwise(spans))
    assert [span.end - span.start for span in spans[:-1]] == pytest.approx([0.125 / (count - 1)] * (count - 1))


@pytest.mark.parametrize("mode", ["shared", "split"])
def test_units_that_meet_last_all_the_run(mode):
    (spec,) = parse(f"objective_mntp_mlm:mode={mode}")
    assert set(spans_of(spec.options).values()) == {Span(0.0, 1.0)}


@given(
    units=st.permutations(UNITS).flatmap(lambda units: st.integers(1, 6).map(lambda count: units[:count])),
    mode=st.sampled_from(["each", "shared", "split"]),
    control=st.sampled_from(["", "reverse_", "matched_"]),
    data=st.data(),
)
def test_canonical_names_parse_to_the_same(units, mode, control, data):
    if all(objective_units()[unit].tags for unit in units):
        return
    cut = st.floats(0, 1).map(lambda share: float(f"{share:.3g}"))
    weight = st.floats(1e-9, 1e20).map(lambda number: f"@{number!r}")
    values = []
    for unit in units:
        start, end = data.draw(st.tuples(cut, cut).filter(lambda pair: pair[0] < pair[1]))
        span = data.draw(st.sampled_from([f"{start!r}-{end!r}", f"{start}-1", "0-1"]))
        values.append(f"{unit}={span}{data.draw(st.sampled_from(['', '@1', data.draw(weight)]))}")
    # One that lasts throughout, so that there is no gap.
    values[-1] = f"{units[-1]}=0-1"
    specs = parse(f"{control}objective_{'_'.join(units)}:mode={mode},{','.join(values)}+vocab_linear")
    canonical = curriculum_name(specs)
    assert parse(canonical) == specs
    assert curriculum_name(parse(canonical)) == canonical
    assert list(spans_of(specs[0].options)) == list(units)
