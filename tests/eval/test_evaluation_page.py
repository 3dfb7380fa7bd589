import re
from pathlib import Path

import yaml

from climb.eval import EvalConfig, known_tasks
from climb.eval.conventions import CONVENTIONS
from climb.eval.finetuning.options import FinetuningOptions
from climb.eval.folder_task import Header
from climb.eval.options import EvalConfig as Options

PAGE = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_convention_stands_on_the_page_and_every_option_it_names_exists():
    assert all(f"| `{name}` |" in PAGE for name in CONVENTIONS)
    options = set(re.findall(r"--(?:no-)?([a-z]+(?:-[a-z]+)*)", PAGE)) - {"task", "kind"}
    known = {*Options.model_fields, *FinetuningOptions.model_fields}
    assert options <= {name.replace("_", "-") for name in known}


def test_every_task_named_on_the_page_exists():
    table = PAGE.split("| task |")[1].split("\n\n")[0]
    named = {name for row in table.splitlines()[2:] for name in re.findall(r"`([a-z_]+)`", row.split("|")[1])}
    assert {"ewok", "comps", "wug_adj", "lambada"} <= named <= set(known_tasks())


def test_the_examples_run(tmp_path):
    (code,) = blocks("python")
    space = {}
    exec(code.replace('evaluate_object(Short(), ["sample_pairs"], pairs=10)', ""), space)
    result = space["evaluate_object"](space["Short"](), ["sample_pairs"], pairs=10)
    assert result["sample_pairs"].counts["scored"] > 0
    (header,) = blocks("yaml")
    assert Header.model_validate(yaml.safe_load(header)).fields_.gold == "right"
    assert EvalConfig(convention="native").bos == "auto"
