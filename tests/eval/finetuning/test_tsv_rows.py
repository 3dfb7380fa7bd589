import pytest

from climb.base.errors import UserError
from climb.eval.finetuning.examples import examples_of
from climb.eval.finetuning.tsv_rows import read_tsv
from climb.eval.task import known_tasks

TASKS = {name: task for name, task in known_tasks().items() if hasattr(task, "spec")}
FILES = {
    "cola": (b'gj04\t1\t\tWe won.\nbc01\t0\t*\tWon we "it.', [("We won.", None, 1), ('Won we "it.', None, 0)]),
    "sst2": (b"sentence\tlabel\nfine \t1\r\n", [("fine ", None, 1)]),
    "mrpc": (
        b'\xef\xbb\xbfQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n0\t7\t8\tHe said " no .\tHe left .\n',
        [('He said " no .', "He left .", 0)],
    ),
    "qqp": (
        b'id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n0\t1\t2\t"Why?\tWhy not?\t1\n1\t3\t4\tCut\n',
        [('"Why?', "Why not?", 1)],
    ),
    "stsb": (
        b"index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
        b"0\tnews\tf\t2012\t1\tnone\tnone\tA plane.\tAn aeroplane.\t4.750\n",
        [("A plane.", "An aeroplane.", 4.75)],
    ),
    "mnli": (
        b"index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse\t"
        b"sentence2_parse\tsentence1\tsentence2\tlabel1\tlabel2\tgold_label\n"
        b"0\t1\t1n\tfiction\t(\t)\t(\t)\tIt rains.\tIt is wet.\tneutral\tneutral\tcontradiction\n",
        [("It rains.", "It is wet.", 2)],
    ),
    "qnli": (
        "index\tquestion\tsentence\tlabel\n0\tWho?\tA line\u2028end.\tnot_entailment\n".encode(),
        [("Who?", "A line\u2028end.", 1)],
    ),
    "rte": (b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\tentailment\n", [("A.", "B.", 0)]),
    "wnli": (b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\t1\n", [("A.", "B.", 1)]),
}


def read(tmp_path, task, data):
    path = tmp_path / "train.tsv"
    path.write_bytes(data)
    rows, broken = read_tsv(path, TASKS[task].spec.tsv)
    return examples_of(TASKS[task].spec, rows), broken


@pytest.mark.parametrize("task", FILES)
def test_each_task_of_glue_is_read_as_distributed(tmp_path, task):
    data, expected = FILES[task]
    examples, broken = read(tmp_path, task, data)
    assert [(e.first, e.second, e.label) for e in examples] == expected
    assert broken == (1 if task == "qqp" else 0)


def test_every_task_with_a_tsv_layout_is_tried():
    assert set(FILES) == {name for name, task in TASKS.items() if task.spec.tsv is not None}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\n", "line 2 has 3 columns, 4 are needed"),
        (b"index\tsentence1\tsentence2\n0\tA.\tB.\n", "line 1: there is no column 'label' .a test set"),
        (b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\tmaybe\n", "line 2: the label 'maybe' is none of 0 .entail"),
        (b"index\tsentence1\tsentence2\tlabel\n0\tA.\t \tentailment\n", "line 2: 'sentence2' must be a text"),
        (b"index\tsentence1\tsentence2\tlabel\n\n0\t\xffA.\tB.\tentailment\n", "line 3 is not UTF-8"),
        (b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\t-1\n", "line 2: the label '-1' is none"),
    ],
)
def test_a_malformed_file_is_refused_by_line(tmp_path, data, message):
    with pytest.raises(UserError, match=message):
        read(tmp_path, "rte", data)


def test_glue_files_at_hand_have_the_published_sizes(shared):
    sizes = {"cola": (8551, 1043), "sst2": (67349, 872), "rte": (2490, 277), "mrpc": (3667, 408)}
    for task, (train, dev) in sizes.items():
        spec = TASKS[task].spec
        for split, size in (("train", train), ("dev", dev)):
            rows, broken = read_tsv(shared / f"data/glue/{spec.tsv.folder}/{split}.tsv", spec.tsv)
            assert (len(examples_of(spec, rows)), broken) == (size, 0)


def test_a_tab_inside_a_text_does_not_move_the_texts(tmp_path):
    data = FILES["mrpc"][0] + b"1\t1\t2\tThe man\tsaid no .\tA man said no .\n"
    with pytest.raises(UserError, match="line 3 has 6 columns, 5 are needed"):
        read(tmp_path, "mrpc", data)
    long = b"Quality\t" + b"x" * 40_000 + b"\n1\tz\n"
    with pytest.raises(UserError) as refused:
        read(tmp_path, "mrpc", long)
    assert len(str(refused.value)) < 500
