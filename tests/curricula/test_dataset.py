import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader
from transformers import RobertaConfig, RobertaForMaskedLM, Trainer, TrainingArguments

from climb.base.errors import UserError
from climb.curricula import RunPlan, build
from climb.curricula.dataset import CurriculumSampler, SampleDataset, collate, collate_for_model
from climb.curricula.preview import Preview

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


@pytest.mark.parametrize("name", ["linear:start=0.5", "sorted", "random_log:draw=weighted,start=0.3", "matched_root"])
def test_a_sampler_orders_any_data_set(name):
    texts = [f"{number} words" for number in range(60)]
    difficulty = np.random.default_rng(0).permutation(60) + 1.0
    sampler = CurriculumSampler(difficulty, batch_size=6, steps=20, curriculum=name, seed=4)
    batches = list(DataLoader(texts, batch_size=6, sampler=sampler))
    assert len(sampler) == 120
    assert [len(batch) for batch in batches] == [6] * 20
    assert [text for batch in batches for text in batch] == [texts[index] for index in sampler]
    for start in (0, 1, 60, 119, 120):
        assert list(sampler.seek(start)) == list(sampler)[start:]
        assert len(sampler.seek(start)) == 120 - start


def test_a_sampler_gives_what_the_curriculum_of_a_corpus_gives(lines_corpus):
    samples = build("data_rarity_linear:start=0.2", lines_corpus, PLAN, 0)
    sampler = CurriculumSampler(lines_corpus.scores("rarity"), 6, 12, "linear:start=0.2")
    assert list(sampler) == samples.examples(range(72)).tolist()


@pytest.mark.parametrize(
    ("difficulty", "name", "message"),
    [
        ([1.0, float("nan")], "linear", "finite difficulty"),
        ([1.0, 2.0], "linear+vocab_linear", "nothing else"),
        ([1.0, 2.0], "linaer", "did you mean linear"),
        ([1.0, 2.0], "linear:start=0.5", "opens 1 of 2 blocks"),
    ],
)
def test_samplers_that_cannot_work_are_refused(difficulty, name, message):
    with pytest.raises(UserError, match=message):
        CurriculumSampler(difficulty, 2, 10, name)


def test_rows_of_pieces_come_in_whole_batches(lines_corpus):
    dataset = SampleDataset(build("length_constant:value=0.25", lines_corpus, PLAN, 0))
    loader = DataLoader(dataset, batch_size=6, collate_fn=collate_for_model)
    shapes = {tuple(batch["input_ids"].shape) for batch in loader}
    assert {columns for _, columns in shapes} == {4}
    with pytest.raises(ValueError, match="several rows"):
        dataset[int(lines_corpus.train.length[dataset.samples.examples(range(72))].argmax())]


def test_a_stock_trainer_sees_the_curriculum_in_order(lines_corpus, tmp_path):
    samples = build("data_rarity_linear:start=0.2+vocab_linear+mask_decay_linear", lines_corpus, PLAN, 0)
    seen = []

    def watched(batch):
        seen.extend(batch["numbers"].tolist())
        return collate_for_model(batch)

    config = RobertaConfig(
        vocab_size=64,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        pad_token_id=2,
    )
    arguments = TrainingArguments(
        output_dir=str(tmp_path),
        max_steps=PLAN.steps,
        per_device_train_batch_size=PLAN.batch_size,
        train_sampling_strategy="sequential",
        remove_unused_columns=False,
        use_cpu=True,
        report_to="none",
        save_strategy="no",
    )
    trainer = Trainer(
        RobertaForMaskedLM(config), arguments, train_dataset=SampleDataset(samples), data_collator=watched
    )
    assert trainer.train().training_loss > 0
    assert seen == list(range(72))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((["hard", "easy"], 1, 2), "one finite difficulty per example"),
        (([3.0, float("nan")], 1, 2), "one finite difficulty per example"),
        (([3.0, 1e300], 1, 2), "one finite difficulty per example"),
        (([[3.0, 1.0]], 1, 2), "one finite difficulty per example"),
        (([], 1, 2), "no training blocks"),
        ((range(40), 4, 9, "linera"), "did you mean linear"),
        ((range(40), 4, 9, "data_length_linear:start=0.3"), "names another: write 'linear'"),
        ((range(40), 4, 9, "random_data_length_log"), "names another: write 'random_log'"),
        ((range(40), 4, 9, "selfppl_linear"), "names another: write 'linear'"),
        ((range(40), 4, 9, "linear+vocab_linear"), "asks for more"),
        ((range(40), 4, 9, "linear:start=0.5", 0, 37), "36 samples cannot begin at number 37"),
        ((range(40), 4, 9, "linear:start=0.5", 0, -1), "36 samples cannot begin at number -1"),
    ],
)
def test_what_a_sampler_refuses(arguments, said):
    with pytest.raises(UserError, match=said):
        CurriculumSampler(*arguments)


def test_a_sampler_without_a_curriculum_takes_each_example_once_a_pass():
    sampler = CurriculumSampler(range(12), 4, 6, "none", seed=3)
    numbers = list(sampler)
    assert sorted(numbers[:12]) == sorted(numbers[12:]) == list(range(12))
    assert numbers[:12] != numbers[12:]
    assert list(sampler.seek(7)) == numbers[7:]
    assert list(sampler.seek(24)) == []
    assert list(sampler) == numbers
    with pytest.raises(UserError, match="24 samples cannot begin at number 25"):
        sampler.seek(25)


def test_a_sampler_tells_large_and_close_difficulties_apart_and_takes_tensors():
    close = torch.tensor([2**24 + 3, 2**24 + 1, 2**24 + 2, 2**24], dtype=torch.float64, requires_grad=True)
    assert list(CurriculumSampler(close, 1, 4, "sorted")) == [3, 1, 2, 0]


def test_a_loader_that_lacks_its_collate_function_says_so(samples):
    with pytest.raises(TypeError, match=r"collate_fn=climb\.curricula\.dataset\.collate"):
        next(iter(DataLoader(SampleDataset(samples), batch_size=6)))


def test_a_corpus_may_be_named_by_its_folder(lines_corpus):
    for corpus in (lines_corpus.folder, str(lines_corpus.folder)):
        named = build("data_rarity_linear:start=0.2", corpus, PLAN, 0).batch(7)
        opened = build("data_rarity_linear:start=0.2", lines_corpus, PLAN, 0).batch([7])
        assert all((named[name] == values).all() for name, values in opened.items())
        assert Preview("data_rarity_linear:start=0.2", PLAN, corpus=corpus).by_difficulty().shape == (10, 3)
