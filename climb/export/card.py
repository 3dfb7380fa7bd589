"""README.md of an exported model: what it is, what it learned, on what, how, and what it is not good for."""

from __future__ import annotations

from typing import Any

import yaml

from climb.analysis.measures import HELD_OUT, measures_of
from climb.analysis.report.phenomena import grouping_of
from climb.analysis.run_record import RunRecord
from climb.base.charts import Cell
from climb.data_prep.report.card import markdown_table, plain
from climb.eval.output import figure_text

_PAPERS = {
    "vocab_": "Vocabulary and data curricula: Diehl Martinez et al. 2023, CLIMB, arXiv 2311.08886.",
    "data_": "Vocabulary and data curricula: Diehl Martinez et al. 2023, CLIMB, arXiv 2311.08886.",
}
_CLASSES = {"masked": "AutoModelForMaskedLM", "causal": "AutoModelForCausalLM"}


def model_page(record: RunRecord, licence: str | None) -> str:
    """Return the card.

    Args:
        record: the run.
        licence: an identifier of the Hub, such as apache-2.0; None leaves it unknown and says so.
    """
    parts = (
        _description(record),
        _results(record),
        _training(record),
        _limits(record, licence),
        _loading(record),
        _citation(record),
    )
    return _header(record, licence) + "\n" + "\n\n".join(parts) + "\n"


def _header(record: RunRecord, licence: str | None) -> str:
    task = "fill-mask" if record.manifest.objective == "masked" else "text-generation"
    values: dict[str, Any] = {
        "license": licence or "unknown",
        "library_name": "transformers",
        "pipeline_tag": task,
        "tags": ["climb-lm", "curriculum-learning", "small-language-models"],
    }
    return f"---\n{yaml.safe_dump(values, sort_keys=False, allow_unicode=True)}---\n"


def _description(record: RunRecord) -> str:
    manifest = record.manifest
    return (
        f"# {plain(record.name)}\n\n"
        f"A {manifest.objective} language model of {manifest.parameters:,} parameters, trained from scratch on "
        f"{manifest.words:,} words of the corpus {plain(manifest.corpus_name)} under the curriculum "
        f"`{manifest.curriculum}`. It is meant for research on how small models learn."
    )


def _results(record: RunRecord) -> str:
    rows: list[list[Cell]] = []
    for task, result in record.results.items():
        rows += [[task, name.replace("_", " "), figure_text(one, name)] for name, one in result.metrics.items()]
        grouping = grouping_of(result)
        if grouping == "phenomenon":
            parts = result.groups[grouping]
            rows += [[task, part, figure_text(one, result.headline)] for part, one in parts.items()]
    held_out = [value for one, value in measures_of(record).items() if one.task == HELD_OUT]
    rows += [["held-out text", "loss, nats per target", f"{value:.3f}"] for value in held_out]
    if not rows:
        return "## Results\n\nThe model was not evaluated."
    notes = [
        f"- {task}: {plain(note)}" for task, result in record.results.items() for note in dict.fromkeys(result.notes)
    ]
    text = "## Results\n\nAccuracies in percent, ± standard error over test items.\n\n"
    return text + markdown_table(["task", "metric", "value"], rows) + ("\n\n" + "\n".join(notes) if notes else "")


def _training(record: RunRecord) -> str:
    manifest = record.manifest
    rows: list[list[Cell]] = [
        ["corpus", f"{manifest.corpus_name} (fingerprint {manifest.corpus_fingerprint[:16]})"],
        ["curriculum", f"`{manifest.curriculum}`"],
        ["loss", str(record.config["loss"]["name"])],
        ["steps × blocks", f"{manifest.steps:,} × {record.config['batch_size']}"],
        ["words, tokens", f"{manifest.words:,}, {manifest.tokens:,}"],
        ["operations", f"{manifest.flops:.3g} FLOPs"],
        ["seed", str(manifest.seed)],
        ["versions", ", ".join(f"{name} {version}" for name, version in manifest.versions.items())],
    ]
    return (
        f"## Training\n\n{markdown_table(['', 'value'], rows)}\n\nOn the same corpus this repeats the run:\n\n"
        "```sh\nclimb train CORPUS --config training_config.yaml --out again\n```"
    )


def _limits(record: RunRecord, licence: str | None) -> str:
    items = [
        "One seed shows what one run did, not what its curriculum does: compare several seeds before you conclude.",
        "A model of this size and this little text is no assistant; what it writes is not to be relied on.",
        "It repeats what its corpus holds, its biases and errors included; nothing was filtered or aligned.",
        f"Its texts were cut into blocks; it reads at most {record.config['model']['max_positions']:,} tokens.",
    ]
    rights = (
        f"The weights are given under {plain(licence)}."
        if licence
        else "The licence of the weights is not yet chosen."
    )
    items.append(
        f"{rights} The rights in the training text are those of its sources; respect them in what you share."
    )
    return "## Limits and licence\n\n" + "\n".join(f"- {item}" for item in items)


def _loading(record: RunRecord) -> str:
    name = _CLASSES[record.manifest.objective]
    return (
        f"## How to load it\n\n```python\nfrom transformers import {name}, AutoTokenizer\n\n"
        f'model = {name}.from_pretrained("FOLDER")\ntokenizer = AutoTokenizer.from_pretrained("FOLDER")\n```\n\n'
        "`FOLDER` is where this file lies, or the name of the repository on the Hub."
    )


def _citation(record: RunRecord) -> str:
    curriculum = record.manifest.curriculum
    papers = dict.fromkeys(text for kind, text in _PAPERS.items() if kind in curriculum)
    methods = "\n\n" + "\n".join(f"- {text}" for text in papers) if papers else ""
    version = record.manifest.versions.get("climb-lm", "unknown").replace("`", "'")
    return (
        "## Citation\n\n```bibtex\n@software{climb,\n"
        "  title   = {climb: curriculum learning for small language models},\n"
        f"  version = {{{version}}}\n}}\n```{methods}"
    )
