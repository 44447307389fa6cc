from dashboard.core.runs.parameters import differing
from dashboard.core.runs.tracking import Run


def run(version: str | None = None, **params: str) -> Run:
    tags = {"dataset_version": version} if version else {}
    return Run("a", "a", "FINISHED", 0, None, tags, {"dataset": "digits", **params})


def test_only_what_differs_is_named() -> None:
    first = run("v1", epochs="2", seed="0", **{"augmentation.flip": "1.0"})
    second = run("v1", epochs="3", seed="0", image_size="16")
    assert differing([first, second]) == {
        "epochs": ("2", "3"),
        "augmentation.flip": ("1.0", None),
        "image_size": (None, "16"),
    }
    assert differing([first, first]) == {}


def test_the_version_of_the_data_stands_beside_the_data_set() -> None:
    other = Run("a", "a", "FINISHED", 0, None, {"dataset_version": "v2"}, {"dataset": "x"})
    found = differing([run("v1", epochs="2"), other])
    assert list(found) == ["dataset", "dataset_version", "epochs"]


def test_a_run_that_does_not_know_its_version_yet_does_not_differ_in_it() -> None:
    assert differing([run("v1"), run()]) == {}
    assert differing([run("v1"), run(), run("v2")]) == {"dataset_version": ("v1", None, "v2")}
