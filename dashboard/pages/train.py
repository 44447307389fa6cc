"""Train: choose, start, watch, publish."""

import streamlit as st

from dashboard.core.data.store import list_datasets
from dashboard.core.runs import tracking
from dashboard.core.runs.store_health import store_notes
from dashboard.core.sweeps.store import list_sweeps
from dashboard.core.training.jobs import submit
from dashboard.core.training.recipe import parse_recipe
from dashboard.ui import panels
from dashboard.ui.access import change_notice, may_change
from dashboard.ui.compare_choice import PARAM, comparing
from dashboard.ui.compare_view import compare_view
from dashboard.ui.design import DESIGN
from dashboard.ui.layer_editor import layer_editor
from dashboard.ui.recipe_form import recipe_form
from dashboard.ui.recipe_start import RATE, START
from dashboard.ui.run_list import choose_run
from dashboard.ui.run_view import run_view
from dashboard.ui.sweep_form import sweep_form
from dashboard.ui.sweep_view import choose_sweep, sweep_view
from dashboard.ui.text import literal, sentence, t

st.title(t("Train"), anchor=False)
st.caption(t("Choose the images, a network and how it learns. The run goes on when you leave."))

for note in store_notes():
    st.warning(literal(sentence(note)), icon=":material/database_off:")

if not list_datasets():
    panels.empty(t("There is no data set yet. Import one on the page Explore."))
    st.stop()

with st.expander(
    t("Design a network"), expanded=DESIGN in st.query_params, icon=":material/account_tree:"
):
    layer_editor()

if may_change():
    looks = {"run", "sweep", PARAM} & set(st.query_params)  # at what there is, to begin with
    filled_in = not looks or START in st.query_params
    with st.expander(t("New run"), expanded=filled_in, icon=":material/add:"):
        fields = recipe_form()
        if st.button(t("Start"), type="primary", icon=":material/play_arrow:"):
            with panels.guard():
                st.query_params["run"] = submit(parse_recipe(fields))
                for name in (START, RATE, "sweep", PARAM):
                    st.query_params.pop(name, None)
                st.rerun()
        with st.expander(t("Sweep: try several values"), icon=":material/tune:"):
            sweep_form(fields)
else:
    change_notice()

with st.spinner(t("Reading the runs …")):
    runs = tracking.list_runs()
if comparing(runs):
    compare_view(runs)
    st.stop()

sweeps = list_sweeps()
left, right = st.columns(2) if sweeps else (st.container(), None)
with left:
    run_id = choose_run(runs)
if right:
    with right:
        choose_sweep(sweeps)
sweep_id = st.query_params.get("sweep")
if sweep_id:
    with panels.guard():
        sweep_view(sweep_id)
elif run_id:
    with panels.guard():
        run_view(run_id)
elif may_change():
    panels.empty(t("No run yet. Press Start: the digits take about a minute."))
else:
    panels.empty(t("No run yet."))
