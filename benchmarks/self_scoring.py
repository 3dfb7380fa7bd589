"""What a self-scored curriculum's scores cost and are worth, by the number of masked positions a block.

    python -m benchmarks.self_scoring runs/none-s0 data/sample --blocks 400

Scores a sample of training blocks under a trained masked model exactly and at a few positions, and says how long that
took beside a training step over as many blocks, and how well the few rank the blocks as all do (Spearman).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from scipy.stats import spearmanr
from transformers import AutoModelForMaskedLM

from benchmarks.alternate import device_text
from climb.base.corpus import PreparedCorpus
from climb.curricula.plan import RunPlan
from climb.curricula.samples import Samples
from climb.curricula.self_scoring import SelfScoring
from climb.estimates import seconds_per_step
from climb.losses.plain import Plain
from climb.self_scorer import SelfScorer
from climb.training_module import TrainingModule

POSITIONS = (1, 2, 4, 8, 16, None)
TURNS = 3


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="a finished run of a masked model")
    parser.add_argument("corpus", type=Path, help="the corpus it was trained on")
    parser.add_argument("--blocks", type=int, default=400, help="blocks to score")
    asked = parser.parse_args()
    corpus = PreparedCorpus(asked.corpus)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    module = TrainingModule(AutoModelForMaskedLM.from_pretrained(asked.run / "model").to(device), Plain())
    blocks = np.arange(asked.blocks) * len(corpus.train) // asked.blocks
    batch = Samples(corpus, RunPlan(1, asked.blocks), "none", 0).batch(range(asked.blocks))
    step = seconds_per_step(module, [batch])
    print(f"{len(blocks)} blocks of {corpus.manifest.block_size} tokens on {device_text()}")
    found, seconds = {}, {}
    for turn in range(TURNS):
        for positions in POSITIONS if turn == 0 else POSITIONS[:-1]:
            scorer = SelfScorer(module, corpus, SelfScoring(0.0625, positions, 1.0, "random"), "masked", turn, False)
            started = time.perf_counter()
            scored = [
                scorer.score(blocks[first : first + scorer.blocks_at_once()], 1).perplexities()
                for first in range(0, len(blocks), scorer.blocks_at_once())
            ]
            seconds.setdefault(positions, []).append(time.perf_counter() - started)
            found.setdefault(positions, []).append(np.concatenate(scored))
    print("positions   time / training step   Spearman with all")
    for positions in POSITIONS:
        worth = [float(spearmanr(one, found[None][0]).statistic) for one in found[positions]]
        print(f"{positions or 'all':>9}   {min(seconds[positions]) / step:>20.2f}   {np.mean(worth):>17.2f}")


if __name__ == "__main__":
    main()
