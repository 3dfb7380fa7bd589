"""The formula of the learning rate is that of transformers; late curricula are named and early ones are not."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import get_scheduler

from climb.options import train_config
from climb.schedule import late_curricula, learning_rate_share
from climb.trainer import training_arguments


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant", "wsd"])
@pytest.mark.parametrize(("steps", "warmup"), [(100, 0.06), (37, 0.0), (10, 0.5)])
def test_the_formula_is_what_the_trainer_follows(tmp_path: Path, schedule: str, steps: int, warmup: float) -> None:
    settings = {"optimizer.schedule": schedule, "optimizer.warmup": warmup, "optimizer.decay": 0.3}
    config = train_config(corpus="x", max_steps=steps, **settings)
    arguments = training_arguments(config, tmp_path, config.batch_size)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = get_scheduler(
        arguments.lr_scheduler_type,
        optimizer,
        num_warmup_steps=arguments.warmup_steps,
        num_training_steps=steps,
        scheduler_specific_kwargs=arguments.lr_scheduler_kwargs,
    )
    rates = []
    for _ in range(steps):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    assert learning_rate_share(config, np.arange(steps)) == pytest.approx(rates, abs=1e-12)


@pytest.mark.parametrize(
    ("curriculum", "schedule", "warned"),
    [
        ("vocab_linear", "linear", 0),
        ("vocab_linear", "cosine", 1),
        ("vocab_linear", "constant", 0),
        ("vocab_linear:to=1", "linear", 1),
        ("vocab_linear:to=0.6+data_length_step:to=0.9", "linear", 1),
        ("none", "cosine", 0),
        ("matched_vocab_linear", "cosine", 0),
        ("reverse_vocab_linear", "cosine", 1),
        ("batch_linear:from=0,to=0.3", "linear", 0),
        ("reverse_batch_linear:from=0,to=0.3", "linear", 1),
    ],
)
def test_late_curricula_are_named(curriculum: str, schedule: str, warned: int) -> None:
    config = train_config(corpus="x", curriculum=curriculum, **{"optimizer.schedule": schedule})
    sentences = late_curricula(config)
    assert len(sentences) == warned
    assert all("--schedule wsd" in sentence for sentence in sentences)


def test_the_share_that_is_named_is_the_share_that_opens_late() -> None:
    config = train_config(corpus="x", max_steps=1000, curriculum="vocab_linear:from=0,to=1,start=0", **{
        "optimizer.warmup": 0.0
    })  # fmt: skip
    (sentence,) = late_curricula(config)
    assert re.search(r"20% of it opens after step 80[01],", sentence)
