import numpy as np
import pytest

from climb.eval.kept_scores import KeptScores
from climb.eval.requests import Item


def item(*ids):
    return Item(np.array(ids), np.array([1]), np.zeros(len(ids), np.int64), np.zeros(len(ids), np.bool_))


def test_scores_outlive_the_program_bit_by_bit(tmp_path):
    path, values = tmp_path / "kept", np.array([-1 / 3, -np.pi, -np.inf])
    kept = KeptScores(path, "model")
    keys = [kept.key(item(1, 2)), kept.key(item(1, 3))]
    kept.put(keys[0], values)
    kept.put(keys[1], values[:0])
    kept.flush()
    again = KeptScores(path, "model")
    assert len(again) == 2
    assert again.get(keys[0]).tobytes() == values.tobytes()
    assert len(again.get(keys[1])) == 0
    assert again.get(kept.key(item(2, 2))) is None
    again.remove()
    assert not path.exists()


@pytest.mark.parametrize("cut", range(1, 36))
def test_a_record_cut_short_is_dropped_and_the_file_goes_on(tmp_path, cut):
    path = tmp_path / "kept"
    kept = KeptScores(path, "model")
    keys = [kept.key(item(number, 2)) for number in range(3)]
    for key in keys[:2]:
        kept.put(key, np.array([-1.0, -2.0]))
    kept.flush()
    path.write_bytes(path.read_bytes()[:-cut])
    again = KeptScores(path, "model")
    assert len(again) == 1
    again.put(keys[2], np.array([-3.0]))
    again.flush()
    assert KeptScores(path, "model").get(keys[2]).tolist() == [-3.0]


def test_scores_of_another_model_are_thrown_away(tmp_path):
    kept = KeptScores(tmp_path / "kept", "one")
    kept.put(kept.key(item(1, 2)), np.array([-1.0]))
    kept.flush()
    assert len(KeptScores(tmp_path / "kept", "other")) == 0
    assert not (tmp_path / "kept").exists()


def test_what_is_scored_and_how_is_part_of_the_key():
    ids = np.array([1, 2, 3])
    nothing = np.zeros(3, np.int64)
    plain = Item(ids, np.array([1]), nothing, nothing.astype(np.bool_))
    others = [
        Item(ids, np.array([2]), nothing, nothing.astype(np.bool_)),
        Item(ids[:2], np.array([1]), nothing[:2], nothing[:2].astype(np.bool_)),
        Item(ids, np.array([1]), nothing, nothing.astype(np.bool_), None, ids),
    ]
    assert len({KeptScores.key(one) for one in (plain, *others)}) == 4
