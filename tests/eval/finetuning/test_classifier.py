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


@pytest.mark.parametrize("family", ["roberta", "modernbert", "bert", "gpt2", "llama", "t5", "bart"])
@pytest.mark.parametrize("pooling", ["first", "last", "mean"])
@pytest.mark.parametrize("reads", ["start", "text"])
def test_padding_changes_no_row(family, pooling, reads):
    head = make_head("mlp", kind(family), tiny_model(family).config, 3)
    classifier = Classifier(tiny_model(family), pooling, head, decoder_reads=reads)
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


@pytest.mark.parametrize("family", ["t5", "bart"])
def test_a_decoder_that_reads_the_text_classifies_as_transformers_has_it(family):
    model = tiny_model(family)
    model.config.num_labels = 3
    theirs = AutoModelForSequenceClassification.from_config(model.config).double().eval()
    inner = {"t5": "transformer", "bart": "model"}[family]
    getattr(theirs, inner).load_state_dict(getattr(model, "model", model).state_dict(), strict=False)
    head = make_head("classic", kind(family), model.config, 3).double()
    ours = Classifier(model, "last", head, None, "text", model.config.decoder_start_token_id).eval()
    head[1].load_state_dict(theirs.classification_head.dense.state_dict())
    head[4].load_state_dict(theirs.classification_head.out_proj.state_dict())
    piece = stacked(ROWS, np.array([0, 1]), 0, torch.device("cpu"))
    expected = theirs(input_ids=piece.ids, attention_mask=piece.mask).logits
    assert torch.allclose(ours(piece), expected, atol=1e-9, rtol=0)
    assert not torch.allclose(expected[0], expected[1], atol=1e-3)


@pytest.mark.parametrize("family", ["t5", "bart"])
def test_a_decoder_that_reads_its_start_gives_the_state_of_one_token(family):
    model = tiny_model(family)
    start = model.config.decoder_start_token_id
    pooled_state = Classifier(model, "first", torch.nn.Identity(), None, "start", start).eval()
    ids = torch.tensor([[1, 9, 8, 7, 2]])
    output = model(input_ids=ids, decoder_input_ids=torch.tensor([[start]]), output_hidden_states=True)
    piece = stacked(ROWS, np.array([0]), 0, torch.device("cpu"))
    assert torch.allclose(pooled_state(piece), output.decoder_hidden_states[-1][:, 0], atol=1e-12)
    encoded = Classifier(model, "mean", torch.nn.Identity()).eval()
    assert torch.allclose(encoded(piece), output.encoder_last_hidden_state.mean(dim=1), atol=1e-12)


def test_a_half_precision_model_is_trained_in_float32_and_left_alone():
    model = tiny_model("llama").bfloat16()
    classifier = Classifier(model, "last", make_head("mlp", "causal", model.config, 2))
    assert {p.dtype for p in classifier.parameters()} == {torch.float32}
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16}
