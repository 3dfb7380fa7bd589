import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from climb.data_prep.blocks.packing import BlockBuilder, Layout, Piece, block_means

PAD = 1
SHARDS = st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=6), min_size=1, max_size=4)


def build(shards, block_size, per_line, start):
    """Lay sequences of the given lengths into blocks; return them with the tokens and the block columns."""
    layout = Layout(block_size, per_line)
    slot, pieces, sequences, count = start, [], [], 100
    for number, lengths in enumerate(shards):
        tokens = np.array(lengths)
        slots, slot = layout.place(tokens, slot)
        ids = np.arange(count, count + tokens.sum())
        count += len(ids)
        sequences += np.split(ids, np.cumsum(tokens)[:-1])
        ones = np.ones(len(ids), dtype=np.int32)
        columns = {"ids": ids, "word_start": ids % 2 == 0, "words": ones, "bytes": 3 * ones, "upos": ids % 17}
        columns["verbatim"] = ids % 3 == 0
        columns["document"] = np.repeat(np.arange(len(tokens)) + 10 * number, tokens)
        pieces.append(Piece(0, slots, columns))
    batches = list(BlockBuilder(layout, PAD, 60_000).blocks(iter(pieces), start))
    return sequences, {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


@given(SHARDS, st.integers(8, 24), st.booleans(), st.integers(0, 3))
def test_no_token_is_lost_and_order_is_kept(shards, block_size, per_line, before):
    sequences, blocks = build(shards, block_size, per_line, before * block_size)
    inside = np.arange(block_size) < blocks["length"][:, None]
    assert blocks["input_ids"][inside].tolist() == np.concatenate(sequences).tolist()
    assert (blocks["input_ids"][~inside] == PAD).all()
    assert (blocks["length"] > 0).all()
    assert blocks["words"].tolist() == blocks["length"].tolist()
    assert (blocks["bytes"] == 3 * blocks["words"]).all()
    if per_line:
        assert len(blocks["length"]) == sum(-(-len(sequence) // block_size) for sequence in sequences)
        starts = {int(sequence[0]) for sequence in sequences}
        assert starts <= set(blocks["input_ids"][:, 0].tolist())
    else:
        assert (blocks["length"][:-1] == block_size).all()


@given(SHARDS, st.integers(8, 24))
def test_the_document_of_a_block_is_that_of_its_first_token(shards, block_size):
    sequences, blocks = build(shards, block_size, False, 0)
    documents = [number + 10 * shard for shard, lengths in enumerate(shards) for number in range(len(lengths))]
    pairs = zip(sequences, documents, strict=True)
    owner = {int(token): document for sequence, document in pairs for token in sequence}
    assert blocks["document"].tolist() == [owner[int(token)] for token in blocks["input_ids"][:, 0]]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.floats(-9, 9)), min_size=1, max_size=20))
def test_block_means_equal_a_loop(rows):
    first = np.array([row[0] for row in rows])
    last = first + np.array([row[1] for row in rows])
    values = np.array([row[2] for row in rows])
    found = block_means(values, first, last, 10)
    for block in range(10):
        here = [v for a, b, v in zip(first, last, values, strict=True) if a <= block <= b]
        assert found["count"][block] == len(here)
        np.testing.assert_allclose(found["sum"][block], sum(here), atol=1e-9)
