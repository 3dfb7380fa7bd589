"""The embedded sample corpus is no toy: a laptop-sized model learns its grammar, and only by training."""

from pathlib import Path

import pytest

import climb
from climb.eval import evaluate, load
from climb.eval.options import EvalConfig


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    from climb.options import resolve

    prep = resolve(climb.PrepConfig, preset="demo", flags={"out": str(folder / "sample")})
    corpus = climb.prepare(prep)
    # Twice as wide as the demo's own model, which has not learnt what the gender of a name binds when it ends.
    shape = {"hidden_size": 128, "intermediate_size": 341, "tie_embeddings": True, "initializer_range": 0.08}
    settings = {f"model.{key}": value for key, value in shape.items()}
    settings |= {"max_steps": 1500, "learning_rate": 0.003, "evaluations": 0, "eval_tasks": []}
    return climb.train(
        climb.train_config(preset="demo", corpus=str(corpus), out=str(folder / "none"), seed=3, **settings)
    )


def accuracies(model: Path) -> dict[str, float]:
    """Return the accuracy of each phenomenon and, as "all", their overall mean, on pairs of another seed."""
    config = EvalConfig(tasks=["sample_pairs"], pairs=100, seed=1)
    (result,) = evaluate(load(model, device="cpu"), config).values()
    phenomena = {name: figure.value for name, figure in result.groups["phenomenon"].items()}
    return {**phenomena, "all": result.metrics["accuracy_macro"].value}


@pytest.mark.slow
def test_a_laptop_sized_model_learns_every_phenomenon(run: Path) -> None:
    found = accuracies(run)
    assert len(found) >= 7
    assert found.pop("all") >= 0.85
    assert min(found.values()) >= 0.75, found


@pytest.mark.slow
def test_an_untrained_model_knows_nothing(run: Path) -> None:
    found = accuracies(run / "chck_0M")
    assert abs(found["all"] - 0.5) < 0.03
