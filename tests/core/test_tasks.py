from dashboard.core.tasks import Task, class_names, kind_of, spans

ONE = (Task("", ("ant", "bee", "cat")),)
TWO = (Task("digit", ("7", "8", "9")), Task("parity", ("even", "odd")))


def test_the_classes_of_all_tasks_stand_in_one_row() -> None:
    assert class_names(ONE) == ("ant", "bee", "cat")
    assert class_names(TWO) == ("digit: 7", "digit: 8", "digit: 9", "parity: even", "parity: odd")
    assert spans(ONE) == (slice(0, 3),)
    assert spans(TWO) == (slice(0, 3), slice(3, 5))


def test_what_the_classes_of_an_image_are() -> None:
    assert kind_of(ONE) == "single_label"
    assert kind_of((Task("", ("a", "b"), several=True),)) == "multi_label"
    assert kind_of(TWO) == "multi_task"
