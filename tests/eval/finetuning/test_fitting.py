import numpy as np
import pytest
import torch

from climb.base.errors import UserError
from climb.base.random_bits import RandomBits
from climb.eval.finetuning import fitting
from climb.eval.finetuning.classifier import Classifier
from climb.eval.finetuning.encoding import Encoder
from climb.eval.finetuning.examples import Example
from climb.eval.finetuning.fitting import Fitting
from climb.eval.finetuning.options import FinetuningOptions
from climb.eval.finetuning.recipe import recipe_for
from climb.eval.finetuning.workload import Workload, held_out_rows
from tests.eval.tiny import byte_tokenizer, kind, tiny_model


def workload(family="roberta", rows=24, evaluated=10, batch_tokens=2048, classes=True, clusters=False, **options):
    bits = np.random.default_rng(1)

    def examples(n):
        labels = bits.integers(0, 2, n)
        return [
            Example("ab"[y] * int(bits.integers(1, 9)), None, float(y), f"c{i // 3}" if clusters else "")
            for i, y in enumerate(labels)
        ]

    options = {"recipe": "babylm-2025", "epochs": 2, "batch_size": 8, "learning_rate": 1e-3, **options}
    encoder = Encoder(byte_tokenizer(), 32, False, False)
    return Workload(
        task="rte",
        model=tiny_model(family),
        kind=kind(family),
        recipe=recipe_for("rte", FinetuningOptions(**options)),
        outputs=2 if classes else 1,
        classes=classes,
        train=encoder.encode(examples(rows)),
        evaluated={"": encoder.encode(examples(evaluated))},
        select_by="accuracy" if classes else "spearman",
        held_out=0.25,
        padding=0,
        batch_tokens=batch_tokens,
    )


def fitted(work, seed=0):
    run = Fitting(work, seed)
    run.run(lambda *_, **__: None)
    return run


def captured(work, monkeypatch, seed=0):
    """Return the fitting and its trained classifier."""
    made = []

    class Kept(Classifier):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append(self)

    monkeypatch.setattr("climb.eval.finetuning.workload.Classifier", Kept)
    run = fitted(work, seed)
    return run, made[0]


@pytest.mark.parametrize("family", ["roberta", "llama"])
@pytest.mark.parametrize("classes", [True, False])
def test_the_weights_are_those_of_a_plain_loop(monkeypatch, family, classes):
    """Official 2025: whole padded batches, mean loss, AdamW, its schedule, no clipping; without dropout."""
    work = workload(family, classes=classes, select_on="last")
    for module in work.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    monkeypatch.setattr(fitting, "OVERHEAD", {"cpu": 1})  # many pieces
    plain_head = fitting.make_head

    def no_dropout(*arguments):
        head = plain_head(*arguments)
        for module in head.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        return head

    monkeypatch.setattr(fitting, "make_head", no_dropout)
    _, ours = captured(work, monkeypatch, seed=5)

    monkeypatch.undo()
    bits = RandomBits(5, "finetuning/rte/torch")
    torch.manual_seed(int(bits.bits(0)) >> 1)
    plain = Classifier(work.model, "first", no_dropout("mlp", work.kind, work.model.config, work.outputs)).train()
    optimizer = torch.optim.AdamW(plain.parameters(), lr=0.0, weight_decay=0.01)
    order = RandomBits(5, "finetuning/rte/order")
    step = 0
    for epoch in range(2):
        numbers = order.permuted(np.arange(24), 24, epoch)
        for first in (0, 8, 16):
            rows = numbers[first : first + 8]
            width = max(len(work.train.ids[row]) for row in rows)
            ids = torch.zeros((8, width), dtype=torch.long)
            mask = torch.zeros((8, width), dtype=torch.long)
            for line, row in enumerate(rows):
                ids[line, : len(work.train.ids[row])] = torch.from_numpy(work.train.ids[row])
                mask[line, : len(work.train.ids[row])] = 1
            output = plain.head(plain.body(input_ids=ids, attention_mask=mask)[0][:, 0])
            labels = torch.from_numpy(work.train.labels[rows])
            if classes:
                loss = torch.nn.functional.cross_entropy(output, labels.long())
            else:
                loss = torch.nn.functional.mse_loss(output[:, 0], labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.param_groups[0]["lr"] = work.recipe.rate(step, 6)
            optimizer.step()
            step += 1
    for a, b in zip(ours.parameters(), plain.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-9, rtol=0)


def test_the_same_seed_gives_the_same_twice_and_another_differs():
    before = {name: value.clone() for name, value in workload().model.state_dict().items()}
    work = workload(classes=False)
    state = torch.get_rng_state()
    one, again, other = fitted(work, 0), fitted(work, 0), fitted(work, 1)
    assert torch.equal(state, torch.get_rng_state())
    assert not torch.are_deterministic_algorithms_enabled()
    assert np.array_equal(one.predictions[""], again.predictions[""])
    assert one.history == again.history
    assert not np.array_equal(one.predictions[""], other.predictions[""])
    after = work.model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_predictions_do_not_depend_on_how_rows_are_grouped():
    wide, narrow = workload(classes=False), workload(classes=False, batch_tokens=1)
    head = fitting.make_head("mlp", "masked", wide.model.config, 1)
    classifier = Classifier(wide.model, "first", head)
    together = wide.predict(classifier, wide.evaluated[""])
    alone = narrow.predict(classifier, narrow.evaluated[""])
    assert np.allclose(together, alone, atol=1e-6, rtol=0)  # kept as float32
    assert np.ptp(together) > 1e-3


def test_the_best_evaluation_is_kept_and_the_first_of_equals(monkeypatch):
    scores = iter([0.5, 0.9, 0.9, 0.2])
    monkeypatch.setattr(Workload, "score", lambda *_: next(scores))
    run = fitted(workload(epochs=4))
    assert [point.step for point in run.history] == [3, 6, 9, 12]
    assert (run.best.step, run.best.score, run.steps) == (6, 0.9, 12)


def test_patience_counts_evaluations_without_enough_improvement(monkeypatch):
    """2024: patience 3, Δ 0.001."""
    scores = iter([0.5, 0.5005, 0.6, 0.6005, 0.6008, 0.601, 0.9])
    monkeypatch.setattr(Workload, "score", lambda *_: next(scores))
    run = fitted(workload(recipe="babylm-2024", epochs=10, batch_size=8))
    assert len(run.history) == 6
    assert run.best.score == 0.601
    assert run.steps == 18


def test_a_recipe_that_looks_every_200_steps_looks_at_the_end_of_a_short_run():
    run = fitted(workload(recipe="babylm-2023"))
    assert [point.step for point in run.history] == [6]


def test_a_loss_that_is_no_number_stops_with_a_sentence():
    work = workload()
    with torch.no_grad():
        next(work.model.parameters()).fill_(float("nan"))
    with pytest.raises(UserError, match="rte, seed 0: the loss at step 0 is nan"):
        fitted(work)


def test_what_is_held_out_is_not_trained_on_and_keeps_clusters_whole():
    work = workload(rows=30, clusters=True, select_on="held_out")
    kept, held = held_out_rows(work.train, 0.25, RandomBits(0, "x"))
    assert sorted([*kept, *held]) == list(range(30))
    assert not set(work.train.clusters[kept]) & set(work.train.clusters[held])
    assert len(held) == 9  # 7.5 rows are wanted, clusters have three
    run = Fitting(work, 0)
    assert (len(run.train), len(run.selection)) == (21, 9)
    assert len(held_out_rows(workload(rows=2).train, 0.9, RandomBits(0, "x"))[0]) == 1


def test_one_cluster_leaves_nothing_to_hold_out():
    with pytest.raises(UserError, match=r"finetuning\.select_on=last"):
        fitted(workload("roberta", rows=1, select_on="held_out"))


def test_a_full_memory_halves_the_pieces_and_changes_no_weight(monkeypatch):
    """Without dropout the pieces make no difference."""
    monkeypatch.setattr(fitting, "OVERHEAD", {"cpu": 10_000})
    plain = fitted(workload("llama", batch_tokens=2048))
    work = workload("llama", batch_tokens=2048)
    monkeypatch.setattr("climb.eval.finetuning.workload._LEAST_TOKENS", 8)
    forward, refused = Classifier.forward, []

    def full(self, piece):
        if piece.ids.numel() > 60:
            refused.append(piece.ids.numel())
            raise RuntimeError("CUDA out of memory")
        return forward(self, piece)

    monkeypatch.setattr(Classifier, "forward", full)
    small = fitted(work)
    assert refused
    assert work.batch_tokens < 2048
    assert small.predictions.keys() == plain.predictions.keys()
    for name, values in plain.predictions.items():
        assert small.predictions[name].tolist() == values.tolist()
