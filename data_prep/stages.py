"""The stages that run in parallel; each task reads files of the working folder and writes one file, atomically.

    clean     a source         → shards of cleaned text
    parse     a shard          → pieces with tags, heads and relations
    encode    a shard          → tokens, words, sentences, tags
    trigrams  a run of blocks  → its bigram and trigram counts
    score     a shard          → every metric of its sentences
    blocks    a run of blocks  → every metric that scores blocks by their own tokens

A task's result depends on the plan and its number alone, never on which process does it or when. Scores of
metrics that an earlier preparation computed are taken over; only the others are computed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from climb.base.corpus import Blocks
from climb.data_prep.checksums import all_whole, is_noted
from climb.data_prep.difficulty.ngram_counts import run_files, write_run
from climb.data_prep.metric import BlockBatch, CorpusTables, Metric, SentenceBatch, TokenRuns
from climb.data_prep.plan import Plan
from climb.data_prep.shards import (
    Arrays,
    CleanedSource,
    ShardId,
    WorkFolder,
    array_names,
    read_arrays,
    write_arrays,
    write_summary,
    write_text_shards,
)

Stage = Literal["clean", "parse", "encode", "trigrams", "score", "blocks"]


@dataclass(frozen=True)
class Task:
    """One task: a stage, and the number of the source, shard or run of blocks."""

    stage: Stage
    number: int

    def is_done(self, folder: Path) -> bool:
        """Return whether the result is there, every metric asked for included.

        Raises:
            UserError: it is damaged.
        """
        work = open_work(folder)
        if self.stage == "clean":
            return work.at("clean").has_text(self.number)
        path = work.arrays(self.stage, f"{self.number:06d}")
        tables = run_files(work, self.number) if self.stage == "trigrams" else ()
        if not all_whole([path, *tables]):
            return False
        return self.stage not in ("score", "blocks") or set(_metric_keys(folder).values()) <= array_names(path)

    def as_json(self) -> dict[str, Any]:
        """Return the task as it is sent to a worker."""
        return asdict(self)


def perform(folder: Path, task: Task) -> None:
    """Do a task.

    Raises:
        UserError: wrong input, or the disk is full.
    """
    work = open_work(folder)
    plan = _plan(folder)
    if task.stage == "clean":
        _clean(work.at("clean"), plan, task.number)
        return
    stages = {
        "parse": _parse, "encode": _encode, "trigrams": _trigrams, "score": _score, "blocks": _score_blocks,
    }  # fmt: skip
    write_arrays(work.arrays(task.stage, f"{task.number:06d}"), stages[task.stage](work, plan, task.number))


@lru_cache(maxsize=2)
def _plan(folder: Path) -> Plan:
    return Plan.read(folder / "plan.json")


@lru_cache(maxsize=2)
def open_work(folder: Path) -> WorkFolder:
    """Return the files of the preparation whose plan lies in a working folder."""
    return _plan(folder).work(folder)


def forget_caches() -> None:
    """Forget what was read from working folders; a new preparation may stand in the folder of an old one."""
    for cached in (_plan, open_work, _shards, _encoder, _decoder, _metrics, _metric_keys, train_blocks):
        cached.cache_clear()


def _clean(work: WorkFolder, plan: Plan, number: int) -> None:
    """Clean a source into shards of text."""
    from climb.data_prep.cleaning.cleaner import Cleaner
    from climb.data_prep.cleaning.rule_choice import chosen_rules
    from climb.data_prep.sources.documents import document_rule, read_documents
    from climb.data_prep.sources.reading import Tally

    source, config = plan.source(number), plan.config
    tally = Tally()
    rules = chosen_rules(source.label, plan.options.get("clean_rules"))
    cleaner = Cleaner(source.family, config.clean, tally, rules)
    rule = document_rule(source)
    per_split = {"train": 0, "validation": 0}

    def stream() -> Any:
        for text in source.files:
            for lines in read_documents(text, source, rule, cleaner, tally, config.encoding_errors):
                per_split[text.split] += 1
                yield lines

    counts = write_text_shards(work, number, stream(), plan.shard_characters)
    summary = CleanedSource(
        documents=counts,
        held_out=per_split["validation"],
        rules=tally.rules,
        document_rule=rule.text,
        examples={rule: [list(pair) for pair in pairs] for rule, pairs in tally.examples.items() if pairs},
    )
    write_summary(work, number, summary)


@lru_cache(maxsize=2)
def _shards(folder: Path) -> list[ShardId]:
    return open_work(folder).shard_ids(len(_plan(folder).sources))


@lru_cache(maxsize=2)
def _encoder(folder: Path) -> Any:
    from climb.data_prep.tokens.tokenizer_training import load_encoder

    return load_encoder(open_work(folder).tokenizer)


@lru_cache(maxsize=2)
def _decoder(folder: Path) -> Any:
    from climb.data_prep.tokens.decoding import Decoder

    return Decoder(_encoder(folder))


def _parse(work: WorkFolder, plan: Plan, number: int) -> Arrays:
    """Tag and parse the sentences of a shard."""
    from climb.data_prep.parsing.spacy_parser import load_pipeline, parse_sentences
    from climb.data_prep.parsing.tagging_nltk import retagged, tag_sentences
    from climb.data_prep.tokens.encoding import cut_text

    shard = _shards(work.folder)[number]
    sentences = cut_text(list(work.documents(shard.source, shard.number)), per_line=False).sentences
    if not plan.config.parse:
        return asdict(tag_sentences(sentences))
    parse = parse_sentences(load_pipeline(plan.config.spacy_model), sentences)
    return asdict(retagged(parse, sentences) if plan.config.tagger == "nltk" else parse)


def _encode(work: WorkFolder, plan: Plan, number: int) -> Arrays:
    """Encode a shard."""
    from climb.data_prep.tokens.encoding import Spelling, encode_shard

    shard, config = _shards(work.folder)[number], plan.config
    documents = list(work.documents(shard.source, shard.number))
    parse = read_arrays(work.arrays("parse", f"{number:06d}")) if plan.has_pieces else None
    spelling = Spelling(config.pack == "lines", config.lowercase, config.drop_punctuation)
    return encode_shard(documents, shard.first_document, spelling, _encoder(work.folder), parse)


@lru_cache(maxsize=2)
def train_blocks(folder: Path) -> Blocks:
    """Return the packed training blocks of a working folder."""
    work, plan = open_work(folder), _plan(folder)
    return Blocks(work.corpus / "train", plan.config.block_size, _encoder(folder).vocab_size)


def block_runs(folder: Path) -> int:
    """Return how many runs of blocks the training text has."""
    per_run = _blocks_per_run(folder)
    return -(-len(train_blocks(folder)) // per_run)


def _blocks_per_run(folder: Path) -> int:
    plan = _plan(folder)
    return max(1, plan.run_tokens // plan.config.block_size)


def _block_batch(folder: Path, number: int) -> BlockBatch:
    """Return the blocks of a run."""
    blocks = train_blocks(folder)
    per_run = _blocks_per_run(folder)
    rows = np.arange(number * per_run, min((number + 1) * per_run, len(blocks)))
    lengths = blocks.length[rows].astype(np.int64)
    inside = np.arange(blocks.block_size) < lengths[:, None]
    runs = TokenRuns(blocks.tokens(rows)[inside], lengths)
    decoder = _decoder(folder)
    return BlockBatch(runs, blocks.words[rows].astype(np.int64), lambda: decoder.texts(runs))


def _trigrams(work: WorkFolder, plan: Plan, number: int) -> Arrays:
    """Count the bigrams and trigrams of a run of blocks."""
    from climb.data_prep.difficulty.trigrams import count_keys, ngram_keys

    runs = _block_batch(work.folder, number).tokens
    size = _encoder(work.folder).vocab_size
    write_run(work, number, count_keys(ngram_keys(runs, 3, size)[0]))
    keys, counts = count_keys(ngram_keys(runs, 2, size)[0])
    return {"bigram_keys": keys, "bigram_counts": counts}


@lru_cache(maxsize=2)
def _metrics(folder: Path) -> dict[str, Metric]:
    """Return the metrics of the plan, ready to score."""
    from climb.data_prep.difficulty.choosing import chosen_metrics

    plan = _plan(folder)
    tables = CorpusTables(open_work(folder), plan.labels)
    chosen, _ = chosen_metrics(plan)
    return {name: kind(tables) for name, kind in chosen.items()}


@lru_cache(maxsize=2)
def _metric_keys(folder: Path) -> dict[str, str]:
    """Return {metric: name of its array in the files of scores}, which changes with all that decides its values."""
    from climb.data_prep.difficulty.choosing import chosen_metrics, metric_key

    plan = _plan(folder)
    chosen, _ = chosen_metrics(plan)
    return {name: f"{name}@{metric_key(kind)}" for name, kind in chosen.items()}


def _missing(folder: Path, path: Path) -> tuple[Arrays, dict[str, Metric]]:
    """Return the scores of a file that still hold, under their keys, and the metrics that it lacks."""
    keys = _metric_keys(folder)
    held = read_arrays(path) if is_noted(path) else {}
    stale = {name for name in held if name.split("@")[0] in keys} - set(keys.values())
    kept = {name: values for name, values in held.items() if name not in stale}
    return kept, {name: metric for name, metric in _metrics(folder).items() if keys[name] not in kept}


def _score(work: WorkFolder, plan: Plan, number: int) -> Arrays:
    """Score the sentences of a shard."""
    keys = _metric_keys(work.folder)
    scores, missing = _missing(work.folder, work.arrays("score", f"{number:06d}"))
    batch = sentence_batch(work, plan, number)
    return scores | {keys[name]: metric.sentences(batch).astype(np.float32) for name, metric in missing.items()}


def sentence_scores(folder: Path, number: int) -> Arrays:
    """Return {metric: one number per sentence} of a scored shard."""
    held = read_arrays(open_work(folder).arrays("score", f"{number:06d}"))
    return {name: held[key] for name, key in _metric_keys(folder).items()}


def block_scores(folder: Path, number: int) -> Arrays:
    """Return {metric: one number per block} of a run, for the metrics that score blocks themselves."""
    held = read_arrays(open_work(folder).arrays("blocks", f"{number:06d}"))
    return {name: held[key] for name, key in _metric_keys(folder).items() if len(held[key])}


def sentence_batch(work: WorkFolder, plan: Plan, number: int) -> SentenceBatch:
    """Return the sentences of an encoded shard as metrics see them."""
    from climb.data_prep.tokens.encoding import Spelling, spelled_sentences

    shard = _shards(work.folder)[number]
    arrays = read_arrays(work.arrays("encode", f"{number:06d}"))
    parse = read_arrays(work.arrays("parse", f"{number:06d}")) if plan.has_pieces else {}
    lengths = arrays["end"] - arrays["start"]
    ends = np.cumsum(lengths)
    places = np.arange(int(lengths.sum())) + np.repeat(arrays["start"] - (ends - lengths), lengths)
    documents = list(work.documents(shard.source, shard.number))
    spelling = Spelling(False, plan.config.lowercase, plan.config.drop_punctuation)
    return SentenceBatch(
        texts=spelled_sentences(documents, spelling),
        source=shard.source,
        words=arrays["sentence_words"].astype(np.int64),
        tokens=TokenRuns(arrays["ids"][places].astype(np.int64), lengths),
        word_types=arrays["word_types"].astype(np.int64),
        type_hashes=arrays["type_hashes"],
        heads=parse["heads"].astype(np.int64) if plan.has_dependencies else None,
        pieces=parse.get("pieces"),
        relations=parse["relations"] if plan.has_dependencies else None,
        tags=parse["tags"] if plan.tagger else None,
        held_out=np.load(work.table("held_out"), mmap_mode="r")[arrays["document"]],
    )


def _score_blocks(work: WorkFolder, plan: Plan, number: int) -> Arrays:
    """Score a run of blocks by the metrics that look at a block's own tokens; no number for the others."""
    keys = _metric_keys(work.folder)
    scores, missing = _missing(work.folder, work.arrays("blocks", f"{number:06d}"))
    batch = _block_batch(work.folder, number)
    for name, metric in missing.items():
        values = metric.blocks(batch)
        scores[keys[name]] = np.zeros(0, dtype=np.float32) if values is None else values.astype(np.float32)
    return scores
