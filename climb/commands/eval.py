"""`climb eval`: what a model knows."""

from __future__ import annotations

from climb.base.console import say, show
from climb.base.errors import UserError
from climb.eval.options import EvalConfig


def evaluate(config: EvalConfig) -> None:
    """Evaluate runs, model folders or Hub models.

    Without RUN the newest complete run under runs/ is taken. Results go to RUN/eval/<task>.json with standard
    errors, and per-item predictions beside them.
    """
    from climb.base.run import newest_run
    from climb.eval import evaluate as evaluate_loaded
    from climb.eval import load, locate, own_folders, prepare_tasks, results_table
    from climb.eval.card import add_to_card
    from climb.eval.runner import TasksFailed

    models = config.models or [str(newest_run())]
    if not config.models:
        say(f"No model given: taking the newest complete run, {models[0]}.")
    tasks = prepare_tasks(config)
    places = [locate(name, config.allow_bin) for name in models]
    folders = own_folders(places, config.out)
    names = [place.name for place in places]
    results = {}
    failures = []
    for given, place, folder in zip(models, places, folders, strict=True):
        loaded = load(given, config.device, config.precision, config.backend, config.allow_bin)
        label = place.name if names.count(place.name) == 1 else given
        try:
            results[label] = evaluate_loaded(loaded, config, folder, tasks)
        except TasksFailed as failed:
            results[label] = failed.results
            failures.append(f"{label}: {failed}")
        if place.run is not None:
            add_to_card(place.folder / "README.md", place.name, results[label])
    show(results_table(results))
    show(f"Results: {', '.join(str(folder) for folder in folders)}")
    if failures:
        raise UserError(" ".join(failures))
