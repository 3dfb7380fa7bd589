import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from climb.base.errors import UserError
from climb.eval import EvalConfig
from climb.eval.finetuning.adapters import Lora, check_installed
from climb.eval.finetuning.classifier import Classifier
from climb.eval.finetuning.options import FinetuningOptions
from climb.eval.finetuning.recipe import RECIPES, recipe_for
from climb.eval.task import tasks_named
from tests.eval.finetuning.test_fitting import captured, workload
from tests.eval.tiny import tiny_model

SIZE = Lora(rank=2, alpha=6, dropout=0.0)
IDS = torch.tensor([[1, 9, 10, 11, 2]])


def body_of(family, lora):
    pytest.importorskip("peft")
    torch.manual_seed(3)
    return Classifier(tiny_model(family), "first", torch.nn.Linear(16, 2), lora).body


@pytest.mark.parametrize("family", ["roberta", "modernbert", "bert", "gpt2", "llama"])
def test_an_adapted_matrix_is_the_old_one_plus_a_product_of_two_small_ones(family):
    plain, adapted = body_of(family, None), body_of(family, SIZE)
    assert torch.allclose(plain(IDS)[0], adapted(IDS)[0], atol=1e-12)  # B is 0
    torch.manual_seed(5)
    named = dict(plain.named_modules())
    pairs = 0
    with torch.no_grad():
        for name, module in adapted.named_modules():
            if not hasattr(module, "lora_A"):
                continue
            a, b = module.lora_A["default"].weight, module.lora_B["default"].weight
            b.normal_()
            assert (a.shape[0], b.shape[1]) == (SIZE.rank, SIZE.rank)
            added = SIZE.alpha / SIZE.rank * b @ a
            own = named[name].weight
            own += added if own.shape == added.shape and family != "gpt2" else added.T  # GPT-2 stores them transposed
            pairs += 1
    # Two layers, query and value; in some models one matrix makes both.
    assert pairs == {"roberta": 4, "modernbert": 2, "bert": 4, "gpt2": 2, "llama": 4}[family]
    assert torch.allclose(plain(IDS)[0], adapted(IDS)[0], atol=1e-10)
    trained = {name for name, parameter in adapted.named_parameters() if parameter.requires_grad}
    assert trained == {name for name, _ in adapted.named_parameters() if "lora_" in name}


def test_fine_tuning_changes_adapters_and_head_alone(monkeypatch):
    pytest.importorskip("peft")
    work = workload(recipe="babylm-2024-lora", epochs=3)
    _, classifier = captured(work, monkeypatch)
    kept = {name.replace("base_layer.", ""): value for name, value in classifier.body.state_dict().items()}
    for name, value in work.model.base_model.state_dict().items():
        assert torch.equal(value, kept[name])
    moved = [value for name, value in kept.items() if "lora_B" in name]
    assert moved
    assert all(value.abs().max() > 0 for value in moved)
    _, again = captured(work, monkeypatch)
    assert all(torch.equal(a, b) for a, b in zip(classifier.parameters(), again.parameters(), strict=True))


def test_the_best_epoch_has_the_smallest_loss():
    work = replace(workload(), select_by="loss")
    encoded, bits = work.evaluated[""], np.random.default_rng(0)
    outputs = bits.normal(size=(len(encoded), 2))
    loss = float(F.cross_entropy(torch.from_numpy(outputs), torch.from_numpy(encoded.labels).long()))
    assert work.merit(encoded, outputs) == pytest.approx(-loss, abs=1e-12)
    assert work.chosen(outputs).tolist() == [float(b > a) for a, b in outputs]


def test_the_recipe_is_that_of_2024(tmp_path):
    """Reference: r 8, α 16, dropout .1; 3e-4, 32 epochs, warm-up of 6 %, no early stop; other texts for two tasks."""
    recipe = recipe_for("rte", FinetuningOptions(recipe="babylm-2024-lora"))
    assert recipe.lora == Lora(8, 16, 0.1)
    assert (recipe.learning_rate, recipe.epochs, recipe.batch_size, recipe.max_length) == (3e-4, 32, 64, 128)
    assert (recipe.patience, recipe.select_by, recipe.every) == (None, "loss", None)
    assert recipe.rate(60, 1000) == pytest.approx(3e-4)
    assert recipe.rate(530, 1000) == pytest.approx(1.5e-4)
    assert all(other.lora is None and not other.texts for name, other in RECIPES.items() if "lora" not in name)
    row = {"text": "Joe ran. He fell.", "span1_text": "Joe", "span2_text": "He", "label": 1, "idx": 0}
    for split in ("train", "valid"):
        (tmp_path / f"wsc.{split}.jsonl").write_text(2 * (json.dumps(row) + "\n"))
    pytest.importorskip("peft")
    config = EvalConfig(tasks=["wsc"], data=str(tmp_path), finetuning={"recipe": "babylm-2024-lora"})
    (task,) = tasks_named(["wsc"], config)
    task.load()
    assert (task.data.train[0].first, task.data.train[0].second) == (row["text"], 'Does "He" refer to "Joe"?')


def test_where_the_library_is_missing_its_command_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(UserError, match=r"pip install 'climb-lm\[lora\]'"):
        check_installed()
