"""The tokenizer: a byte-level BPE trained on the training text, or any fast one, as a Hugging Face folder.

A word gets the same tokens wherever it stands: a space is put before the text and after every newline (and
taken away again by decoding), so that `how` at the start of a sentence, as at evaluation, is the `Ġhow` of
running text. `decode(encode(text)) == text` for every text that neither begins with a space nor spells a
special token. Special tokens come first: `<unk> <pad> <mask> <s> </s>` are 0 to 4. Training is
deterministic.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from climb.base.errors import UserError
from climb.base.files import atomic_folder, read_json, write_json

SPECIAL_TOKENS = ("<unk>", "<pad>", "<mask>", "<s>", "</s>")


def train_tokenizer(texts: Iterable[str], vocab_size: int, model_max_length: int, folder: Path) -> None:
    """Train a byte-level BPE and save it.

    Args:
        texts: the training text, in pieces of any size.
        vocab_size: tokens, specials and the 256 bytes included; less where the text holds fewer merges.
        model_max_length: the longest sequence a model of this corpus sees, in tokens.
        folder: where the fast tokenizer goes.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace("\n", "\n ")
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteLevel(), decoders.Strip(" ", 1, 0), decoders.Replace("\n ", "\n")]
    )
    # A mask takes the space before it, as a word would: "The cat <mask>" has no lone space.
    specials = [AddedToken(token, lstrip=token == "<mask>", special=True) for token in SPECIAL_TOKENS]
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=specials,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 3), ("</s>", 4)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        pad_token="<pad>",
        mask_token=specials[2],
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        model_max_length=model_max_length,
        # Some versions of transformers set the pre-tokenizer by this option, whatever tokenizer.json says.
        add_prefix_space=True,
        clean_up_tokenization_spaces=False,
    )
    with atomic_folder(folder) as partial:
        fast.save_pretrained(partial)
        # The class name that transformers 4 and 5 both know, so that older evaluators can load it too.
        settings = read_json(partial / "tokenizer_config.json")
        settings.pop("backend", None)
        write_json(partial / "tokenizer_config.json", settings | {"tokenizer_class": "PreTrainedTokenizerFast"})


def load_any(name: str) -> Any:
    """Return a fast tokenizer by folder or Hub id.

    Raises:
        UserError: it is not found, not fast, or has neither a padding nor an end token.
    """
    try:
        tokenizer = _loaded(name)
    except Exception as error:  # tokenizers, written in Rust, raises plain Exceptions over broken files
        reason = str(error).strip().split("\n")[0]
        raise UserError(f"--tokenizer {name} cannot be loaded ({reason}): give a tokenizer's folder.") from None
    if not getattr(tokenizer, "is_fast", False):
        raise UserError(f"--tokenizer {name} is not a fast tokenizer (no tokenizer.json): give one that is.")
    if tokenizer.pad_token_id is None and tokenizer.eos_token_id is None:
        raise UserError(f"--tokenizer {name} has neither a padding nor an end token: add a <pad> token to it.")
    return tokenizer


def _loaded(name: str) -> Any:
    """Return a tokenizer from a folder or the cache, from the Hub only when it is in neither."""
    from transformers import AutoTokenizer

    if Path(name).is_dir():
        return AutoTokenizer.from_pretrained(name, local_files_only=True)
    try:
        return AutoTokenizer.from_pretrained(name, local_files_only=True)
    except (OSError, ValueError):
        return AutoTokenizer.from_pretrained(name)


def save_given(name: str, folder: Path) -> None:
    """Save a copy of any fast tokenizer; without a padding token it pads with its end token.

    Raises:
        UserError: it cannot be used; the sentence says why.
    """
    tokenizer = load_any(name)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    with atomic_folder(folder) as partial:
        tokenizer.save_pretrained(partial)


@dataclass(frozen=True)
class Encoder:
    """A tokenizer as the stages use it."""

    tokenizer: Any
    """A tokenizers.Tokenizer that reads special tokens in the text as plain text."""
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    """The special tokens around a sequence at evaluation."""
    pad: int
    vocab_size: int


def load_encoder(folder: Path) -> Encoder:
    """Load a saved tokenizer without importing transformers."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    wrapped = tokenizer.encode("a", add_special_tokens=True)
    mask = wrapped.special_tokens_mask
    if 0 not in mask:
        raise UserError("The tokenizer knows neither the letter a nor a token for what is unknown: give another.")
    start = mask.index(0)
    end = len(mask) - mask[::-1].index(0)
    pad = read_json(folder / "tokenizer_config.json").get("pad_token")
    pad_id = tokenizer.token_to_id(pad["content"] if isinstance(pad, dict) else pad)
    if pad_id is None:
        raise UserError(f"{folder}: the padding token {pad!r} is not in its vocabulary: mend the tokenizer.")
    return Encoder(
        tokenizer=tokenizer,
        prefix=tuple(wrapped.ids[:start]),
        suffix=tuple(wrapped.ids[end:]),
        pad=pad_id,
        vocab_size=max(tokenizer.get_vocab(with_added_tokens=True).values()) + 1,
    )


def token_texts(encoder: Encoder) -> list[str]:
    """Return what each token id stands for [V]: its characters with spaces as spaces, special tokens by name.

    Bytes that are no character by themselves are shown as U+FFFD; an id without a token is empty. Tokens that
    are not made of bytes stand as they are, but for the `▁` that means a space.
    """
    tokenizer = encoder.tokenizer
    added = {number: token.content for number, token in tokenizer.get_added_tokens_decoder().items()}
    names = [tokenizer.id_to_token(number) for number in range(encoder.vocab_size)]
    bytes_of = byte_values() if '"ByteLevel"' in tokenizer.to_str() else {}
    texts: list[str] = []
    for number, name in enumerate(names):
        if number in added or name is None or not all(letter in bytes_of for letter in name):
            texts.append(added[number] if number in added else (name or "").replace("▁", " "))
        else:
            texts.append(bytes(bytes_of[letter] for letter in name).decode("utf-8", errors="replace"))
    return texts


def byte_values() -> dict[str, int]:
    """Return which byte each letter of the byte-level alphabet stands for (GPT-2's table)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + place): byte for place, byte in enumerate(others)}
