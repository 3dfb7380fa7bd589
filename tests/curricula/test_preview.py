import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from climb.curricula import RunPlan, build
from climb.curricula.preview import Preview

PLAN = RunPlan(60, 10)


@pytest.mark.parametrize("prefix", ["", "random_", "reverse_", "matched_"])
@pytest.mark.parametrize("name", ["data_rarity_linear", "data_rarity_log:draw=weighted+batch_linear"])
def test_exposure_is_what_a_run_draws(corpus, name, prefix):
    samples = build(prefix + name, corpus, PLAN, 3)
    preview = Preview(prefix + name, PLAN, 3, corpus)
    borders = [samples.plan.numbers_of(step).start for step in (0, 20, 40)] + [600]
    expected = [np.bincount(samples.examples(range(first, last)), minlength=240) for first, last in pairwise(borders)]
    assert (preview.exposure() == np.stack(expected, axis=1)).all()
    scores, totals = corpus.scores("rarity"), np.sum(expected, axis=0)
    hardest = np.argsort(scores, kind="stable")[-24:]
    assert preview.by_difficulty()[-1].sum() == pytest.approx(totals[hardest].mean())
    source = corpus.train.source
    assert preview.by_source()["spoken"].sum() == pytest.approx(totals[source == 1].mean())


@pytest.mark.parametrize("prefix", ["", "matched_"])
def test_curves_are_what_the_records_say(corpus, prefix):
    name = f"{prefix}data_rarity_linear+vocab_log+mask_decay_root"
    samples, preview = build(name, corpus, PLAN, 1), Preview(name, PLAN, 1, corpus)
    keys = {"data": "data_unlocked", "vocab": "vocabulary_pacing", "mask": "mask_rate"}
    curves = preview.curves()
    assert list(curves) == list(keys)
    for step in (0, 7, 30, 59):
        record = samples.record(step)
        for kind, key in keys.items():
            assert curves[kind][step] == pytest.approx(record[key])


def test_lengths_and_batches_have_curves_too(corpus):
    samples = build("length_linear+batch_linear", corpus, PLAN, 0)
    curves = Preview("length_linear+batch_linear", PLAN, 0, corpus).curves()
    assert curves["length"].tolist() == [samples.length(step) for step in range(60)]
    assert curves["batch"].tolist() == samples.plan.sizes().tolist()


def test_the_vocabulary_open_is_what_the_records_say(corpus):
    samples, preview = build("vocab_pos_linear", corpus, PLAN, 0), Preview("vocab_pos_linear", PLAN, 0, corpus)
    shares = preview.vocabulary(np.array([0, 30, 59]))
    assert shares["types"].tolist() == [samples.record(step)["vocabulary_unlocked_types"] for step in (0, 30, 59)]


def test_long_runs_are_sampled_evenly():
    plan = RunPlan(60_000, 64)
    whole = Preview("data_x_linear", plan).by_difficulty().sum(axis=1)
    steps = np.arange(plan.steps)
    pools = np.maximum(0.1, np.minimum(1, 0.1 + 0.9 * (steps / 60_000 - 0.0625) / 0.8125)) * 10_000
    edges = np.arange(11) * 1000
    opened = np.clip((pools[:, None] - edges[:-1]) / 1000, 0, 1)
    assert whole == pytest.approx((64 * opened / pools[:, None]).sum(axis=0), rel=0.02)


def test_nothing_heavy_is_loaded_without_a_corpus():
    code = (
        "import sys; from climb.curricula.preview import Preview, RunPlan\n"
        "Preview('data_x-y_linear+vocab_pos_log', RunPlan(50, 10)).by_difficulty()\n"
        "sys.exit(any(m in sys.modules for m in ('torch', 'transformers', 'pyarrow')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
