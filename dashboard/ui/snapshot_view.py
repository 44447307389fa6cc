"""Asking the network of a run about an image, also while it trains."""

from __future__ import annotations

import streamlit as st

from dashboard.core.data.dataset import Dataset
from dashboard.core.runs.snapshot import answering_epoch
from dashboard.core.runs.tracking import Run
from dashboard.core.serving.answers import RunAnswer
from dashboard.core.serving.client import engine
from dashboard.core.tasks import class_name
from dashboard.ui import charts, panels
from dashboard.ui.data import dataset_of
from dashboard.ui.gallery import gallery, page_of, tiles
from dashboard.ui.text import literal, t
from dashboard.ui.upload import upload_image
from dashboard.ui.url import url_tabs

_SHOWN = 24
_IMAGE = "image"


@st.cache_data(max_entries=64, show_spinner=False)
def _answer(image: bytes, run_id: str, epoch: int) -> RunAnswer:
    return engine().classify_in_run(image, run_id)


def snapshot_view(run: Run) -> None:
    """Draw the choice of an image and the answer of the newest epoch, or of the finished model."""

    @st.fragment  # who asks does not have the run drawn again
    def asked() -> None:
        epoch = answering_epoch(run.id)
        if epoch is None:
            return
        box = st.expander(t("Ask the network"), key="ask", bind="query-params")
        if box.open:
            with box, panels.guard():
                _ask(run, epoch)

    asked()


def _ask(run: Run, epoch: int) -> None:
    if run.active:
        st.caption(t("The answer follows the training: it changes with every epoch."))
    choice, shown = st.columns(2, gap="medium")
    with choice:
        image = _image(run)
    if image is None:
        return
    with shown:
        with st.spinner(t("Asking … the first time takes about 10 seconds.")):
            answer = _answer(image, run.id, epoch)
        _draw(run, answer)


def _image(run: Run) -> bytes | None:
    sources = {"dataset": t("Data set"), "upload": t("Upload")}
    if url_tabs(t("Image from"), sources, "source") == "upload":
        return upload_image()
    dataset = dataset_of(run)
    if dataset is None:
        return None
    st.caption(t("Validation images: the network never learns from them."))
    return _of_dataset(dataset)


def _of_dataset(dataset: Dataset) -> bytes | None:
    shown = page_of(dataset.rows("val"), 1, _SHOWN)
    current = st.query_params.get(_IMAGE, "")
    picked = gallery(tiles(dataset, shown), key="asked", selected=current, tile_px=60)
    if picked and picked != current:
        st.query_params[_IMAGE] = current = picked
        st.rerun(scope="fragment")
    known = (dataset.index["id"] == current).any()
    return dataset.image_path(current).read_bytes() if known else None


def _draw(run: Run, answer: RunAnswer) -> None:
    if answer.epoch:
        total = run.tags.get("epochs", run.params["epochs"])
        st.markdown(t("After epoch {epoch} of {epochs}", epoch=answer.epoch, epochs=total))
    else:
        st.markdown(t("The finished model"))
    st.image(
        answer.image_png, caption=t("What the network sees"), width=160,
        alt=t("The image, cropped as the network sees it"),
    )  # fmt: skip
    for note in answer.notes:
        st.caption(literal(t(note.template, **note.values)))
    figure = charts.probabilities(
        [class_name(item.task, item.label) for item in answer.predictions],
        [item.probability for item in answer.predictions],
    )
    st.plotly_chart(figure, key="asked-answer", config={"displayModeBar": False})
