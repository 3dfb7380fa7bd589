import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from climb.curricula import RunPlan, build
from climb.curricula.dataset import SampleDataset, collate

PLAN = RunPlan(steps=12, batch_size=6)


@pytest.fixture(scope="module")
def samples(lines_corpus):
    return build("data_rarity_linear:start=0.2+vocab_pos_log", lines_corpus, PLAN, 0)


def loaded(samples, workers, start=None):
    return list(
        DataLoader(
            SampleDataset(samples),
            batch_size=6,
            collate_fn=collate,
            num_workers=workers,
            multiprocessing_context=start,
        )
    )


@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.parametrize(("workers", "start"), [(0, None), (1, "fork"), (4, "fork"), (2, "spawn")])
def test_workers_do_not_change_the_batches(samples, workers, start):
    batches = loaded(samples, workers, start)
    assert len(batches) == PLAN.steps
    for step, batch in enumerate(batches):
        expected = samples.batch(PLAN.numbers_of(step))
        assert set(batch) == set(expected)
        for name, values in expected.items():
            assert batch[name].dtype == torch.int64
            assert (batch[name].numpy() == values).all()


def test_single_rows_collate_to_the_same_batch(samples):
    dataset = SampleDataset(samples)
    assert len(dataset) == 72
    rows = collate([dataset[number] for number in (5, 40, 71)])
    whole = collate(dataset.__getitems__([5, 40, 71]))
    assert all(torch.equal(rows[name], whole[name]) for name in whole)
    assert rows["attention_mask"].shape == rows["input_ids"].shape
    assert rows["numbers"].tolist() == [5, 40, 71]


def test_iteration_stops_at_the_end_of_the_run(samples):
    numbers = [int(row["numbers"]) for row in SampleDataset(samples)]
    assert numbers == np.arange(72).tolist()
