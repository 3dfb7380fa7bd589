"""Zero-shot evaluation: our engine against the plain way of the 2025 BabyLM pipeline, and the arithmetic limit.

    python -m benchmarks.evaluation --data evaluation_data --task blimp --kind causal
    python -m benchmarks.evaluation --data evaluation_data --task entity_tracking --kind causal --limit 0 --batches 2

Both score with the same random model in the same process, in turns. The plain way: file order, batches of 64
questions, each padded to its longest, one forward pass for each of the candidates, log-softmax at all positions; a
masked model's rows 64 at a time, padded to the longest of the 64 questions. What a batch costs it depends on no other
batch, so some, spread evenly over the files, stand for all. Ours costs less the more texts begin alike, so it scores
many: `--limit` of each paradigm, 0 for all. The ratio is that of seconds per token to be read without padding or
sharing (for masked models: tokens of masked rows). The limit: the multiplications of body and head that ours needs by
that count, at the speed of a bare matrix product of the same width.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from tokenizers import ByteLevelBPETokenizer
from tokenizers.processors import TemplateProcessing
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    RobertaPreLayerNormConfig,
    RobertaPreLayerNormForMaskedLM,
)

from benchmarks.alternate import alternate, device_text, ratio_text
from climb.eval import EvalConfig, prepare_tasks
from climb.eval.choice_task import ChoiceTask, drawn
from climb.eval.conventions import convention_named
from climb.eval.planning import Cost
from climb.eval.questions import Part
from climb.eval.requests import Item, Request
from climb.eval.scoring import Scorer

SPECIALS = ["<pad>", "<s>", "</s>", "<mask>", "<unk>"]


def tokenizer_of(texts: list[str], size: int, wrapped: bool) -> PreTrainedTokenizerFast:
    """Return a byte-level BPE trained on the texts; `wrapped` puts <s> … </s> around a text, else <s> before it."""
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(texts, vocab_size=size, min_frequency=1, special_tokens=SPECIALS, show_progress=False)
    template = "<s> $A </s>" if wrapped else "<s> $A"
    bpe._tokenizer.post_processor = TemplateProcessing(single=template, special_tokens=[("<s>", 1), ("</s>", 2)])
    names = ("pad_token", "bos_token", "eos_token", "mask_token", "unk_token")
    return PreTrainedTokenizerFast(tokenizer_object=bpe._tokenizer, **dict(zip(names, SPECIALS, strict=True)))


def model_of(kind: str, vocabulary: int, width: int, layers: int) -> Any:
    """Return a random model."""
    torch.manual_seed(0)
    sizes = {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": width // 32,
        "intermediate_size": 4 * width,
        "max_position_embeddings": 512,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    if kind == "masked":
        return RobertaPreLayerNormForMaskedLM(RobertaPreLayerNormConfig(**sizes)).eval()
    return LlamaForCausalLM(LlamaConfig(**sizes)).eval()


def plain_way(model: Any, tokenizer: Any, kind: str, questions: list[list[Item]]) -> list[list[float]]:
    """Score questions as the 2025 pipeline does."""
    totals: list[list[float]] = []
    for first in range(0, len(questions), 64):
        group = questions[first : first + 64]
        scores = [
            (_causal if kind == "causal" else _masked)(model, tokenizer, [question[place] for question in group])
            for place in range(len(group[0]))
        ]
        totals += [list(row) for row in zip(*scores, strict=True)]
    return totals


def _padded(tokenizer: Any, rows: list[Any], length: int) -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.full((len(rows), length), tokenizer.pad_token_id)
    mask = torch.zeros((len(rows), length), dtype=torch.long)
    for line, row in enumerate(rows):
        ids[line, : len(row)] = torch.as_tensor(row)
        mask[line, : len(row)] = 1
    return ids, mask


def _causal(model: Any, tokenizer: Any, items: list[Item]) -> list[float]:
    ids, mask = _padded(tokenizer, [item.ids for item in items], max(len(item.ids) for item in items))
    log_probabilities = model(input_ids=ids, attention_mask=mask).logits[:, :-1].log_softmax(dim=-1)
    found = log_probabilities.gather(-1, ids[:, 1:, None])[..., 0]
    return [float(found[line, item.scored - 1].double().sum()) for line, item in enumerate(items)]


def _masked(model: Any, tokenizer: Any, items: list[Item]) -> list[float]:
    longest = max(len(item.ids) for item in items)
    rows, places, targets, owners = [], [], [], []
    for number, item in enumerate(items):
        for position in item.scored:
            row = item.ids.copy()
            row[position] = tokenizer.mask_token_id
            rows.append(row)
            places.append(int(position))
            targets.append(int(item.ids[position]))
            owners.append(number)
    totals = [0.0] * len(items)
    for first in range(0, len(rows), 64):
        ids, mask = _padded(tokenizer, rows[first : first + 64], longest)
        logits = model(input_ids=ids, attention_mask=mask).logits
        lines = torch.arange(len(ids))
        at = logits[lines, torch.tensor(places[first : first + 64])].log_softmax(dim=-1)
        values = at[lines, torch.tensor(targets[first : first + 64])]
        for owner, value in zip(owners[first : first + 64], values.tolist(), strict=True):
            totals[owner] += value
    return totals


def padding_factor(questions: list[list[Item]]) -> float:
    """Return padded tokens over tokens in file order, 64 questions a batch, candidates apart."""
    padded = 0
    for first in range(0, len(questions), 64):
        for column in zip(*questions[first : first + 64], strict=True):
            padded += len(column) * max(len(item.ids) for item in column)
    return padded / sum(len(item.ids) for question in questions for item in question)


def tokens_of(kind: str, questions: list[list[Item]]) -> int:
    """Return the tokens to be read: of each text, for masked models of each text's masked rows."""
    items = [item for question in questions for item in question]
    return sum(len(item.ids) * (len(item.scored) if kind == "masked" else 1) for item in items)


def spread(questions: int, batches: int) -> list[int]:
    """Return the numbers of the questions of whole batches of 64, spread evenly over the files."""
    whole = max(1, questions // 64)
    chosen = np.unique(np.linspace(0, whole - 1, min(batches, whole)).astype(int))
    return [number for batch in chosen for number in range(64 * batch, min(64 * batch + 64, questions))]


def limit_seconds(
    model: Any, kind: str, items: list[Item], width: int, vocabulary: int, clock: Callable[[], float]
) -> float:
    """Return the seconds that the multiplications alone take."""
    distinct = {item.key: item for item in items}.values()
    scored = sum(len(item.scored) for item in distinct)
    tokens = sum(len(item.ids) * (len(item.scored) if kind == "masked" else 1) for item in distinct)
    work = 2 * Cost.of(model).body * tokens + 2 * width * vocabulary * scored
    a, b = torch.randn(1024, width), torch.randn(width, 4 * width)
    seconds = []
    for _ in range(30):
        start = clock()
        torch.mm(a, b)
        seconds.append(clock() - start)
    return work / (2 * 1024 * width * 4 * width / min(seconds))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder of the benchmarks")
    parser.add_argument("--task", default="blimp")
    parser.add_argument("--kind", choices=["masked", "causal"], default="causal")
    parser.add_argument("--limit", type=int, default=16, help="questions of each paradigm for ours; 0 is all")
    parser.add_argument("--batches", type=int, default=4, help="batches of 64 questions for the plain way")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--vocabulary", type=int, default=16384)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--batch-tokens", type=int)
    parser.add_argument("--cpu-seconds", action="store_true", help="count processor time: for machines in use")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    arguments = parser.parse_args()
    config = EvalConfig(tasks=[arguments.task], data=arguments.data)
    (task,) = prepare_tasks(config)
    assert isinstance(task, ChoiceTask)
    questions = task.views(convention_named("native"))[0].questions
    plain = spread(len(questions), arguments.batches)
    kept = {question.id for question in drawn(questions, arguments.limit or None, 0)}
    ours = sorted(set(plain) | {number for number, question in enumerate(questions) if question.id in kept})
    measure(arguments, [question.candidates for question in questions], ours, plain)


def measure(arguments: argparse.Namespace, asked: list[tuple[Part, ...]], ours: list[int], plain: list[int]) -> None:
    """Time both ways and print; `ours` and `plain` are the numbers of the questions that each scores."""
    kind = arguments.kind
    tokenizer = tokenizer_of(
        [text for question in asked for text, _ in question], arguments.vocabulary, kind == "masked"
    )
    model = model_of(kind, arguments.vocabulary, arguments.width, arguments.layers)
    if arguments.precision == "bf16":
        model = model.to(torch.bfloat16)
    plain_model = model_of(kind, arguments.vocabulary, arguments.width, arguments.layers)
    requests = {number: [Request(text, start) for text, start in asked[number]] for number in ours}
    scorer = Scorer(model, tokenizer, kind, arguments.batch_tokens)
    items = {number: scorer.encode(question) for number, question in requests.items()}
    of_plain, of_ours = [items[number] for number in plain], [items[number] for number in ours]
    kept: dict[str, list[list[float]]] = {}
    clock = time.process_time if arguments.cpu_seconds else time.perf_counter

    def engine() -> float:
        start = clock()
        fresh = Scorer(model, tokenizer, kind, arguments.batch_tokens)
        scores = iter(fresh.score([request for question in requests.values() for request in question]))
        kept["ours"] = [[next(scores).total for _ in question] for question in requests.values()]
        return (clock() - start) / tokens_of(kind, of_ours)

    def peer() -> float:
        start = clock()
        with torch.inference_mode():
            kept["plain"] = plain_way(plain_model, tokenizer, kind, of_plain)
        return (clock() - start) / tokens_of(kind, of_plain)

    seconds = alternate({"ours": engine, "plain": peer}, arguments.rounds, warm_up=arguments.rounds > 1)
    flat = [item for question in of_ours for item in question]
    limit = limit_seconds(plain_model, kind, flat, arguments.width, arguments.vocabulary, clock)
    median = {name: statistics.median(values) for name, values in seconds.items()}
    tokens = tokens_of(kind, of_ours)
    millions = sum(parameter.numel() for parameter in model.parameters()) / 1e6
    print(f"{device_text()}; {arguments.task}, {kind}, {millions:.1f}M parameters, {arguments.precision}")
    print(
        f"  questions: ours {len(ours)}, the plain way {len(plain)}, of {len(asked)}; tokens a text "
        f"{np.mean([len(item.ids) for item in flat]):.1f}; the plain way pads to {padding_factor(of_plain):.2f} times"
    )
    for name, value in [*median.items(), ("limit", limit / tokens)]:
        print(f"  {name:6} {len(ours) / (value * tokens):8.1f} questions a second")
    print(f"  times the plain way {ratio_text(seconds['plain'], seconds['ours'])}")
    print(f"  of the limit without sharing {limit / tokens / median['ours']:.2f}")
    decided = dict(zip(ours, kept["ours"], strict=True))
    changed = [np.argmax(decided[number]) != np.argmax(row) for number, row in zip(plain, kept["plain"], strict=True)]
    print(f"  decisions that differ {np.mean(changed):.4f} of {len(plain)}")


if __name__ == "__main__":
    main()
