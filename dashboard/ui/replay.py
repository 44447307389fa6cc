"""The bar of a run that is over: it stands at any batch, or moves as if the run were live.

Where it stands is in the URL, as a batch; while it moves, in the session.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from dashboard.core.runs.history import Curves
from dashboard.core.runs.moment import Moment, moment
from dashboard.core.runs.progress import Progress
from dashboard.core.runs.replay import Play, Timeline, timeline
from dashboard.core.runs.tracking import Run
from dashboard.ui import panels
from dashboard.ui.run_progress import duration_text
from dashboard.ui.text import t

AT = "at"
"""Name in the URL."""

FRAGMENT = "run"
"""Key of the fragment that `replay` is called in."""

_TICK_S = 0.5
_PLAY = "play"
_SHOWN = "play-shown"
_LATE_S = 5.0
_SPEED = "replay-speed"
_BUTTON_PX, _SPEED_PX = 112, 152
_AS_IT_WAS = 0
_DURATIONS = (15, 30, 60, _AS_IT_WAS)


@st.cache_data(max_entries=32, show_spinner=False)
def _timeline(_run: Run, run_id: str, ended: float | None, last: int) -> Timeline:
    return timeline(_run, last)


def replay(run: Run, curves: Curves, draw: Callable[[Moment], None]) -> None:
    """Draw the bar, and the run as it was where the bar stands.

    While it plays, nothing else is drawn anew; when it comes to its end, once the whole page.

    Args:
        run: One that is over.
        curves: All of them; `loss` has points.
        draw: Draws a moment.
    """
    course = _timeline(run, run.id, run.ended, curves["loss"][-1][0])
    started = _playing(run, course) is not None

    def now() -> None:
        with panels.guard():
            play = _playing(run, course)
            if play is None and started:
                st.rerun()  # Streamlit has no other way to end the repetition from within
            at = _moved(course, play) if play else _given(course)
            shown = moment(run, curves, at)
            _bar(run, course, shown.progress, at, play is not None)
            draw(shown)

    if started:
        st.fragment(now, run_every=_TICK_S)()
    else:
        with st.container():  # so that everything keeps its place in the page
            now()


def _playing(run: Run, course: Timeline) -> Play | None:
    """Return the replay under way; one of another run, or one that is through, is ended."""
    play: Play | None = st.session_state.get(_PLAY)
    if play and play.run_id == run.id and play.step(course, time.monotonic()) < course.last:
        return play
    st.session_state.pop(_PLAY, None)
    return None


def _moved(course: Timeline, play: Play) -> int:
    at = course.place(play.step(course, time.monotonic()))
    st.session_state[_SHOWN][at] = time.monotonic()
    return at


def _given(course: Timeline) -> int:
    given = st.query_params.get(AT, "")
    return course.place(int(given)) if given.isdecimal() and len(given) < 10 else course.last


def _bar(run: Run, course: Timeline, progress: Progress, at: int, playing: bool) -> None:
    key = f"replay-{run.id}"
    if st.session_state.get(key) != at:  # else it would jump back under the hand that moves it
        st.session_state[key] = at
    act, label, icon = _pause, t("Pause"), "pause"
    if not playing:
        act, label, icon = _begin, t("Play"), "play_arrow"
    with st.container(horizontal=True, vertical_alignment="center", key="replay"):
        st.button(
            label, icon=f":material/{icon}:", key="replay-play", on_click=act,
            args=(run, course, key), width=_BUTTON_PX,
        )  # fmt: skip
        st.select_slider(
            t("Replay: after so many batches"), course.places, key=key,
            on_change=_move, args=(course, key), label_visibility="collapsed",
        )  # fmt: skip
        st.selectbox(
            t("How long the whole run takes"), _DURATIONS, index=1, key=_SPEED, format_func=_speed,
            on_change=_change_speed, args=(run, key), label_visibility="collapsed", width=_SPEED_PX,
        )  # fmt: skip
    st.caption(
        t(
            "epoch {epoch} of {epochs}, batch {step} of {steps}, {time} of {total}",
            epoch=progress.epoch,
            epochs=progress.epochs,
            step=progress.step,
            steps=progress.steps,
            time=duration_text(course.seconds(at)),
            total=duration_text(course.seconds(course.last)),
        )
    )


def _speed(seconds: int) -> str:
    return t("as it was") if seconds == _AS_IT_WAS else t("in {n} seconds", n=seconds)


def _begin(run: Run, course: Timeline, key: str) -> None:
    at = int(st.session_state[key])
    st.session_state[_SHOWN] = {at: time.monotonic()}
    _play(run, 0 if at >= course.last else at)
    st.query_params.pop(AT, None)
    st.rerun(FRAGMENT)


def _change_speed(run: Run, key: str) -> None:
    if _PLAY in st.session_state:
        _play(run, int(st.session_state[key]))


def _play(run: Run, start: int) -> None:
    duration = st.session_state[_SPEED] or None
    st.session_state[_PLAY] = Play(run.id, start, time.monotonic(), duration)


def _pause(run: Run, course: Timeline, key: str) -> None:
    st.session_state.pop(_PLAY, None)
    _stand(course, int(st.session_state[key]))
    st.rerun(FRAGMENT)


def _move(course: Timeline, key: str) -> None:
    """Stand where somebody has put the slider, which ends a replay."""
    at = int(st.session_state[key])
    # A browser that is behind repeats where a replay had put the slider; nobody has touched it.
    if time.monotonic() - st.session_state.get(_SHOWN, {}).get(at, -_LATE_S) < _LATE_S:
        return
    st.session_state.pop(_SHOWN, None)
    _stand(course, at)
    if st.session_state.pop(_PLAY, None):
        st.rerun(FRAGMENT)


def _stand(course: Timeline, at: int) -> None:
    if at < course.last:
        st.query_params[AT] = str(at)
    else:
        st.query_params.pop(AT, None)
