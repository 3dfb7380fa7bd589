import pytest

from climb.base.errors import UserError
from climb.options import train_config
from climb.run_parts import checked_parts


def test_steps_too_small_for_their_micro_batches_are_refused(corpus):
    config = train_config(
        corpus=str(corpus.folder), curriculum="batch_linear:start=0.05", max_steps=20, batch_size=16, grad_accum=8
    )
    with pytest.raises(UserError, match=r"The smallest step of 'batch_linear.*' has \d blocks for 8 micro-batches"):
        checked_parts(config)


def test_blocks_are_not_scored_by_what_the_model_does_not_learn(corpus):
    curriculum = "data_selfppl_linear+objective_mntp_clm:mode=split"
    config = train_config(corpus=str(corpus.folder), curriculum=curriculum, model="masked-laptop", max_steps=20)
    with pytest.raises(UserError, match=r"score blocks by masked tokens, and its main objective is mntp"):
        checked_parts(config)
