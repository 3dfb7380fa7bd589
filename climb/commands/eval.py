"""`climb eval`: what a model knows."""

from __future__ import annotations

from climb.base.console import say, show
from climb.base.run import newest_run
from climb.eval.options import EvalConfig


def evaluate(config: EvalConfig) -> None:
    """Evaluate runs, model folders or Hub models.

    Without RUN the newest complete run under runs/ is taken. Results go to RUN/eval/<task>.json with standard
    errors, and per-item predictions beside them.
    """
    from climb.eval import evaluate as evaluate_loaded
    from climb.eval import load, out_folder, prepare_tasks, results_table

    models = config.models or [str(newest_run())]
    if not config.models:
        say(f"No model given: taking the newest complete run, {models[0]}.")
    tasks = prepare_tasks(config)
    results, folders = {}, []
    for name in models:
        loaded = load(name, config.device, config.precision)
        folders.append(out_folder(loaded, config.out, len(models)))
        label = loaded.name if loaded.name not in results else str(name)
        results[label] = evaluate_loaded(loaded, config, folders[-1], tasks)
    show(results_table(results))
    show(f"Results: {', '.join(str(folder) for folder in folders)}")
