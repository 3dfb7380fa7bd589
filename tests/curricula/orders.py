"""Data orders by their names, over scores given as arrays."""

import numpy as np

from climb.curricula.data import data_order
from climb.curricula.draw_base import Draw
from climb.curricula.naming import parse
from climb.curricula.plan import RunPlan


def order_of(name: str, scores: np.ndarray | list[np.ndarray], plan: RunPlan, seed: int = 0) -> Draw:
    """Return the order of a data curriculum over the scores of one metric, or of several in a list."""
    metrics = scores if isinstance(scores, list) else [scores]
    return data_order(parse(name)[0], [np.asarray(metric, dtype=np.float32) for metric in metrics], plan, seed)


def held_bytes(order: Draw) -> int:
    """Return the bytes that an order keeps for each block."""
    arrays = [value for value in vars(order).values() if isinstance(value, np.ndarray)]
    return sum(value.nbytes for value in arrays if len(value) == order.size) // order.size
