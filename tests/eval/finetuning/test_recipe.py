import pytest

from climb.base.errors import UserError
from climb.eval.finetuning.options import FinetuningOptions
from climb.eval.finetuning.recipe import RECIPES, convention_text, recipe_for
from climb.eval.options import EvalConfig
from climb.options import resolve


def official(task, year, **options):
    return recipe_for(task, FinetuningOptions(recipe=f"babylm-{year}", **options))


def test_steps_of_the_official_recipes():
    """Train sizes of the reference: RTE 2,490, WSC 554, MRPC 3,668."""
    assert official("rte", 2023).steps(2490) == 390  # ceil(2490 / 64) × 10
    assert official("rte", 2025).steps(2490) == 770  # floor(2490 / 32) × 10
    assert official("wsc", 2025).steps(554) == 510  # floor(554 / 32) × 30
    assert official("mrpc", 2026).steps(3668) == 1140
    assert official("boolq", 2025).steps(2072) == 1290  # batches of 16


def test_the_rate_of_2023_falls_in_a_line():
    recipe = official("rte", 2023)
    assert [recipe.rate(step, 4) for step in range(4)] == pytest.approx([5e-5, 3.75e-5, 2.5e-5, 1.25e-5])


def test_the_rate_of_2025_warms_up_from_zero_and_ends_near_a_tenth():
    recipe = official("rte", 2025)
    assert int(0.06 * 770) == 46
    assert recipe.rate(0, 770) == 0.0
    assert recipe.rate(23, 770) == pytest.approx(1.5e-5)
    assert recipe.rate(46, 770) == pytest.approx(3e-5)
    assert recipe.rate(46 + 362, 770) == pytest.approx(3e-5 * 0.55)
    assert recipe.rate(770, 770) == pytest.approx(3e-6)


def test_constants_of_the_years():
    assert (RECIPES["babylm-2023"].every, RECIPES["babylm-2023"].patience) == (200, 10)
    assert (RECIPES["babylm-2024"].every, RECIPES["babylm-2024"].patience) == (None, 3)
    assert RECIPES["babylm-2024"].min_delta == 0.001
    assert [RECIPES[f"babylm-{year}"].max_length for year in (2023, 2024, 2025, 2026)] == [128, 128, 512, 512]
    assert [RECIPES[f"babylm-{year}"].seeds for year in (2023, 2024, 2025, 2026)] == [(12,), (12,), (42,), (42,)]
    assert (RECIPES["babylm-2025"].pooling, RECIPES["babylm-2026"].pooling) == ("first", "last")
    assert [len(RECIPES[f"babylm-{year}"].tasks) for year in (2023, 2024, 2025, 2026)] == [11, 11, 7, 7]
    assert RECIPES["babylm-2025"].train_limits == {"mnli": 10_000, "qqp": 10_000}


def test_what_the_user_says_goes_before_the_task_s_own_values():
    assert official("wsc", 2025, epochs=2, seeds="7").epochs == 2
    assert official("wsc", 2025, seeds="7,8").seeds == (7, 8)
    assert official("rte", 2025, train_limit=50).train_limits == {"rte": 50}
    assert convention_text(FinetuningOptions(recipe="babylm-2025", pooling="mean")) == "babylm-2025, pooling=mean"


def test_wrong_options_are_said():
    with pytest.raises(UserError, match="Unknown recipe 'babylm-2022': did you mean"):
        recipe_for("rte", FinetuningOptions(recipe="babylm-2022"))
    with pytest.raises(UserError, match=r"finetuning\.epochs: a probe trains no weight"):
        recipe_for("rte", FinetuningOptions(recipe="probe", epochs=3))
    with pytest.raises(UserError, match="each seed once"):
        resolve(EvalConfig, flags={"finetuning.seeds": "1,1"})


def test_presets_are_the_recipes():
    for year in (2023, 2024, 2025, 2026):
        config = resolve(EvalConfig, preset=f"glue-babylm-{year}")
        assert (config.tasks, config.finetuning.recipe) == (["glue"], f"babylm-{year}")
