import pytest

from climb.base.errors import UserError
from climb.options import train_config
from climb.run_parts import checked_parts


@pytest.mark.parametrize("name", ["length_linear", "vocab_linear+batch_log", "matched_length_linear"])
def test_curricula_of_uneven_steps_are_refused_before_anything_is_opened(name):
    """The trainer would take their first micro-batches for whole steps; nothing may go wrong silently."""
    with pytest.raises(UserError, match=r"cannot yet follow '.*(length|batch).*from step to step: leave it out"):
        checked_parts(train_config(corpus="no/such/corpus", curriculum=name))
