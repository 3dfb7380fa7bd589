"""Hand-made fine-tuning data that the tests share."""

import json

import numpy as np


def write_rte(folder, train=160, valid=60, seed=0, shuffled=False):
    """RTE in BabyLM's format: the letter of the first text is the label, or tells nothing when `shuffled`."""
    bits = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for split, rows in (("train", train), ("valid", valid)):
        lines = []
        for number in range(rows):
            label = int(bits.integers(2))
            letter = "ab"[int(bits.integers(2)) if shuffled else label]
            first = letter * int(bits.integers(2, 9))
            lines.append({"sentence1": first, "sentence2": f"x{number}{split}", "label": label})
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"rte.{split}.jsonl").write_text(text, encoding="utf-8")
    return str(folder)
