import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification

from climb.eval.finetuning.batches import stacked
from climb.eval.finetuning.classifier import Classifier, make_head, pooled, pooling_for
from climb.eval.finetuning.encoding import Encoded
from tests.eval.tiny import kind, tiny_model

NAMES = np.array(["", ""])
ROWS = Encoded([np.array([1, 9, 8, 7, 2]), np.array([1, 5, 2])], None, np.array([5, 3]), np.zeros(2), NAMES, NAMES, 0)


@pytest.mark.parametrize("family", ["roberta", "bert", "gpt2", "llama"])
@pytest.mark.parametrize("pooling", ["first", "last", "mean"])
def test_padding_changes_no_row(family, pooling):
    classifier = Classifier(tiny_model(family), pooling, make_head("mlp", kind(family), tiny_model(family).config, 3))
    classifier.eval()
    both = classifier(stacked(ROWS, np.array([0, 1]), 0, torch.device("cpu")))
    alone = classifier(stacked(ROWS, np.array([1]), 0, torch.device("cpu")))
    assert both.shape == (2, 3)
    assert torch.allclose(both[1:], alone, atol=1e-9, rtol=0)


def test_pooling_by_hand():
    hidden = torch.arange(12.0).reshape(2, 3, 2)
    lengths = torch.tensor([3, 2])
    assert pooled(hidden, lengths, "first").tolist() == [[0, 1], [6, 7]]
    assert pooled(hidden, lengths, "last").tolist() == [[4, 5], [8, 9]]
    assert pooled(hidden, lengths, "mean").tolist() == [[2, 3], [7, 8]]
    assert (pooling_for("auto", "masked"), pooling_for("auto", "causal")) == ("first", "last")


@pytest.mark.parametrize("family", ["roberta", "gpt2", "llama"])
def test_the_classic_head_is_that_of_transformers(family):
    """Given the same weights, logits equal those of AutoModelForSequenceClassification."""
    model = tiny_model(family)
    model.config.num_labels, model.config.pad_token_id = 3, 0
    theirs = AutoModelForSequenceClassification.from_config(model.config).double().eval()
    theirs.base_model.load_state_dict(model.base_model.state_dict(), strict=False)
    head = make_head("classic", kind(family), model.config, 3).double()
    ours = Classifier(model, pooling_for("auto", kind(family)), head).eval()
    if family == "roberta":
        head[1].load_state_dict(theirs.classifier.dense.state_dict())
        head[4].load_state_dict(theirs.classifier.out_proj.state_dict())
    else:
        head.load_state_dict(theirs.score.state_dict())
    piece = stacked(ROWS, np.array([0, 1]), 0, torch.device("cpu"))
    expected = theirs(input_ids=piece.ids, attention_mask=piece.mask).logits
    assert torch.allclose(ours(piece), expected, atol=1e-9, rtol=0)


def test_a_half_precision_model_is_trained_in_float32_and_left_alone():
    model = tiny_model("llama").bfloat16()
    classifier = Classifier(model, "last", make_head("mlp", "causal", model.config, 2))
    assert {p.dtype for p in classifier.parameters()} == {torch.float32}
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16}
