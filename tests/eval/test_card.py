import yaml
from huggingface_hub import ModelCard

from climb.eval.card import add_to_card
from climb.eval.results import Figure
from tests.eval.test_output import result

CARD = """---
library_name: transformers
tags: [climb]
---

# A model

Words that stay.
"""


def index(path):
    return yaml.safe_load(path.read_text().split("---")[1])


def test_results_stand_in_the_header_and_the_text_stays(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(CARD)
    add_to_card(path, "none-s0", {"blimp": result(accuracy_macro=Figure(value=0.625, standard_error=0.01, count=9))})
    add_to_card(
        path, "none-s0", {"ewok": result("ewok", accuracy_macro=Figure(value=0.5, standard_error=0.1, count=2))}
    )
    add_to_card(path, "none-s0", {"blimp": result(accuracy_macro=Figure(value=0.75, standard_error=0.01, count=9))})
    assert "Words that stay." in path.read_text()
    header = index(path)
    assert header["library_name"] == "transformers"
    (model,) = header["model-index"]
    assert model["name"] == "none-s0"
    values = {entry["dataset"]["type"]: entry["metrics"][0]["value"] for entry in model["results"]}
    assert values == {"blimp": 0.75, "ewok": 0.5}
    assert model["results"][-1]["dataset"]["name"] == "blimp (34 of 67 paradigms)"
    assert ModelCard.load(path).data.eval_results[0].dataset_type in ("blimp", "ewok")


def test_where_there_is_no_card_none_is_made(tmp_path):
    add_to_card(tmp_path / "README.md", "x", {"blimp": result()})
    assert not list(tmp_path.iterdir())
