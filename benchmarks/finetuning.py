"""Fine-tuning on RTE, MRPC and WSC: ours against the stock Trainer that pads every row to the maximum length.

    python -m benchmarks.finetuning --data evaluation_data --rows 2500 --epochs 1

Both fine-tune the same RoBERTa with the same head, recipe (BabyLM 2024: 128 tokens, batches of 64, AdamW, linear
decay, evaluation after every epoch), rows and tokenizer (trained on the rows), tokenisation and evaluation included.
They take turns in one process. The ratio of tokens forwarded is printed beside the ratio of times: what is above it
is not owed to padding.
"""

from __future__ import annotations

import argparse
import functools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch
from tokenizers import ByteLevelBPETokenizer, processors
from transformers import (
    PreTrainedTokenizerFast,
    PrinterCallback,
    RobertaConfig,
    RobertaForMaskedLM,
    RobertaForSequenceClassification,
    Trainer,
    TrainingArguments,
)
from transformers.utils.logging import disable_progress_bar, set_verbosity_error

from benchmarks.alternate import alternate, device_text, ratio_text
from climb.base.console import set_quiet
from climb.eval import EvalConfig, Scorer
from climb.eval.finetuning.encoding import Encoder
from climb.eval.finetuning.finetune_task import FinetuneTask
from climb.eval.task import tasks_named

LENGTH = 128


def tokenizer_for(tasks: list[FinetuneTask]) -> PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer trained on the rows, with RoBERTa's specials."""
    trained = ByteLevelBPETokenizer()

    def texts() -> Iterable[str]:
        for task in tasks:
            for example in task.data.train:
                yield from (example.first, example.second or "")

    specials = ["<pad>", "<s>", "</s>", "<mask>", "<unk>"]
    trained.train_from_iterator(texts(), vocab_size=8192, special_tokens=specials, show_progress=False)
    trained._tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    names = ("pad_token", "bos_token", "eos_token", "mask_token", "unk_token")
    return PreTrainedTokenizerFast(tokenizer_object=trained._tokenizer, **dict(zip(names, specials, strict=True)))


def shape(tokenizer: PreTrainedTokenizerFast, arguments: argparse.Namespace) -> RobertaConfig:
    """Return the model's configuration."""
    return RobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=arguments.hidden,
        num_hidden_layers=arguments.layers,
        num_attention_heads=arguments.hidden // 32,
        intermediate_size=4 * arguments.hidden,
        max_position_embeddings=LENGTH + 2,
        pad_token_id=0,
        type_vocab_size=1,
    )


Clock = Callable[[], float]


def ours(tasks: list[FinetuneTask], tokenizer: PreTrainedTokenizerFast, config: RobertaConfig, clock: Clock) -> float:
    """Return the seconds of our fine-tuning of all tasks."""
    scorer = Scorer(RobertaForMaskedLM(config), tokenizer, "masked")
    start = clock()
    for task in tasks:
        task.evaluate(scorer)
    return clock() - start


def stock(
    tasks: list[FinetuneTask], tokenizer: PreTrainedTokenizerFast, config: RobertaConfig, epochs: int, clock: Clock
) -> float:
    """Return the seconds of the stock Trainer's fine-tuning of all tasks."""
    start = clock()
    for task in tasks:
        arguments = TrainingArguments(
            output_dir=tempfile.mkdtemp(),
            per_device_train_batch_size=64,
            per_device_eval_batch_size=64,
            num_train_epochs=epochs,
            learning_rate=5e-5,
            eval_strategy="epoch",
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
            seed=12,
            use_cpu=not torch.cuda.is_available(),
        )
        trainer = Trainer(
            model=RobertaForSequenceClassification(config),
            args=arguments,
            train_dataset=padded(task, tokenizer, "train"),
            eval_dataset=padded(task, tokenizer, "valid"),
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return clock() - start


def padded(task: FinetuneTask, tokenizer: PreTrainedTokenizerFast, split: str) -> list[dict[str, Any]]:
    """Return a set tokenised and padded to the maximum length."""
    examples = task.data.train if split == "train" else task.data.evaluated[""]
    encoded = tokenizer(
        [example.first for example in examples],
        [example.second for example in examples],
        truncation="longest_first",
        max_length=LENGTH,
        padding="max_length",
        return_token_type_ids=False,
    )
    columns = zip(encoded["input_ids"], encoded["attention_mask"], examples, strict=True)
    return [{"input_ids": ids, "attention_mask": mask, "labels": int(e.label)} for ids, mask, e in columns]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder of the BabyLM evaluation data, as climb eval takes it")
    parser.add_argument("--rows", type=int, default=2500, help="most rows of train per task")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cpu-seconds", action="store_true", help="count processor time: for machines in use")
    arguments = parser.parse_args()
    clock = time.process_time if arguments.cpu_seconds else time.perf_counter
    disable_progress_bar()
    set_verbosity_error()
    set_quiet(True)
    options = {"recipe": "babylm-2024", "epochs": arguments.epochs, "train_limit": arguments.rows}
    names = ["rte", "mrpc", "wsc"]
    found = tasks_named(names, EvalConfig(tasks=names, data=arguments.data, finetuning=options))
    tasks = [task for task in found if isinstance(task, FinetuneTask)]
    for task in tasks:
        task.load()
    tokenizer = tokenizer_for(tasks)
    config = shape(tokenizer, arguments)
    encoder = Encoder(tokenizer, LENGTH, segments=False, separates=False)
    lengths = [encoder.encode(task.data.train).lengths for task in tasks]
    tokens, rows = sum(int(of_task.sum()) for of_task in lengths), sum(map(len, lengths))
    ways = {
        "stock": functools.partial(stock, tasks, tokenizer, config, arguments.epochs, clock),
        "ours": functools.partial(ours, tasks, tokenizer, config, clock),
    }
    seconds = alternate(ways, arguments.rounds, warm_up=arguments.rounds > 1)
    print(f"{device_text()}; {rows:,} rows, {tokens / rows:.0f} tokens each, {arguments.epochs} epochs")
    for name, values in seconds.items():
        print(f"  {name:6} {statistics.median(values):8.1f} s")
    print(f"  times the stock Trainer's speed: {ratio_text(seconds['stock'], seconds['ours'])}")
    print(f"  tokens with padding to {LENGTH} over tokens: {LENGTH * rows / tokens:.2f}")


if __name__ == "__main__":
    main()
