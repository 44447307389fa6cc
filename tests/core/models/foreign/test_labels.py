import pytest

from dashboard.core.errors import InvalidInput
from dashboard.core.models.foreign.conventions import CONVENTIONS, guess
from dashboard.core.models.foreign.labels import MAX_LABELS, read_label_file, read_labels
from dashboard.core.models.foreign.request import ImportRequest, command_line


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"cat\ndog\n", ("cat", "dog")),
        (b"\xef\xbb\xbfcat\r\n\r\n  dog  \r\n", ("cat", "dog")),
        ("猫\n狗".encode(), ("猫", "狗")),
        (b'["cat", "big dog"]', ("cat", "big dog")),
        ("0\n1", ("0", "1")),
    ],
)
def test_lines_and_json(content: bytes | str, expected: tuple[str, ...]) -> None:
    assert read_labels(content) == expected


@pytest.mark.parametrize(
    "content",
    [b"", b"\n \n", b"\xff\xfe", b'["cat", 1]', b'["cat"', b"[" * 100_000, b"a" * 201,
     b"cat\x1b[31m\ndog", "\n".join(map(str, range(MAX_LABELS + 1))), b"cat\ndog\ncat"],
)  # fmt: skip
def test_what_is_no_list_of_labels(content: bytes | str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_labels(content)
    assert refused.value.code == "invalid_labels"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["sequential", "mobilenetv2_1.00_224"], "-1..1"),
        (["vgg16"], "caffe"),
        (["resnet50v2"], "-1..1"),
        (["resnet50"], "caffe"),
        (["inception_v3"], "-1..1"),
        (["my_model", "densenet121"], "imagenet"),
        (["mobilenetv3small"], "0..1"),  # it scales itself, or it was built not to: nobody knows
        (["sequential_1"], "0..1"),
    ],
)
def test_names_of_known_networks_tell_their_range(names: list[str], expected: str) -> None:
    assert guess(names).id == expected


def test_the_command_makes_the_same_model() -> None:
    asked = ImportRequest("my model.h5", ("a",), "mine", (64, 32), 3, CONVENTIONS[2].id)
    assert command_line(asked, "labels.txt") == (
        "python -m dashboard import-model 'my model.h5' --name mine --classes labels.txt "
        "--size 64x32 --channels 3 --range -1..1"
    )


@pytest.mark.parametrize(
    ("name", "content", "labels"),
    [
        ("a.txt", b"cat\ndog, big\n", ("cat", "dog, big")),
        ("a.json", b'["cat", "dog"]', ("cat", "dog")),
        ("a.csv", b"cat\ndog\n", ("cat", "dog")),
        ("a.CSV", b'\xef\xbb\xbfindex,label\r\n0,cat\r\n1,"dog, big"\r\n', ("cat", "dog, big")),
        ("a.csv", b"Class,number\ncat,0\ndog,1\n", ("cat", "dog")),
        ("a.csv", b"0,cat\n1,dog\n\n", ("cat", "dog")),
    ],
)
def test_a_file_of_labels(name: str, content: bytes, labels: tuple[str, ...]) -> None:
    assert read_label_file(name, content) == labels


@pytest.mark.parametrize(
    "content", [b"", b"label\n", b"\xff\xfe", b"a,cat\nb,cat\n", b"\0", b"x" * 300]
)
def test_a_table_without_labels_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_label_file("a.csv", content)
    assert refused.value.code == "invalid_labels"
