"""Low-rank adapters (Hu et al. 2022, "LoRA"), through the library `peft`: the weights of the model stay as they are.

A matrix W of the model becomes W + (α / r) B A with A [r, in] and B [out, r]; A is drawn, B is 0, and of the model
only A and B are trained, beside the classifier's head. They stand on the matrices that `peft` names for a model's
type (the attention's query and value, mostly); where it names none, on those that bear one of these names, else on
all.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from climb.base.errors import UserError

if TYPE_CHECKING:
    from torch import nn

_USUAL = ({"query", "value"}, {"q_proj", "v_proj"}, {"query_key_value"}, {"Wqkv"}, {"c_attn"})


@dataclass(frozen=True)
class Lora:
    """Size of the adapters.

    Attributes:
        rank: r.
        alpha: α.
        dropout: share of what A reads that is dropped in training.
    """

    rank: int
    alpha: float
    dropout: float


def check_installed() -> None:
    """Refuse a recipe with adapters where their library is missing.

    Raises:
        UserError: it is.
    """
    try:
        import peft  # noqa: F401
    except ImportError:
        raise UserError(
            "This recipe trains adapters with the package peft: install it with `pip install 'climb-lm[lora]'`."
        ) from None


def add_adapters(body: nn.Module, size: Lora) -> None:
    """Put adapters into a model, and freeze all else of it.

    Args:
        body: changed in place; its type and its outputs' form stay.
        size: of the adapters; their first weights come from torch's generator, which the caller seeds.
    """
    from peft import LoraConfig, inject_adapter_in_model

    how = LoraConfig(r=size.rank, lora_alpha=size.alpha, lora_dropout=size.dropout, target_modules=targets(body))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that GPT-2's matrices are stored transposed, which peft finds by itself
        inject_adapter_in_model(how, body)


def targets(body: nn.Module) -> list[str]:
    """Return the names of the matrices that get adapters."""
    from peft.utils import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING
    from torch import nn

    config: Any = body.config
    known = TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING.get(config.model_type)
    if isinstance(known, (list, tuple)):
        return list(known)
    own = {name.rsplit(".", 1)[-1] for name, module in body.named_modules() if isinstance(module, nn.Linear)}
    return sorted(next((usual for usual in _USUAL if usual <= own), own))
