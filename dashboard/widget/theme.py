"""The widget's look, from the same file as the Streamlit pages."""

from __future__ import annotations

import tomllib

import gradio as gr

from dashboard.core.settings import REPOSITORY


def theme() -> gr.themes.Base:
    """Build a Gradio theme from `.streamlit/config.toml`, light and dark."""
    path = REPOSITORY / ".streamlit" / "config.toml"
    colours = tomllib.loads(path.read_text(encoding="utf-8"))["theme"]
    light, dark = colours["light"], colours["dark"]
    values: dict[str, str] = {}
    for name, key in (
        ("body_background_fill", "backgroundColor"),
        ("background_fill_primary", "backgroundColor"),
        ("background_fill_secondary", "secondaryBackgroundColor"),
        ("block_background_fill", "backgroundColor"),
        ("block_label_background_fill", "secondaryBackgroundColor"),
        ("block_label_text_color", "textColor"),
        ("input_background_fill", "secondaryBackgroundColor"),
        ("body_text_color", "textColor"),
        ("block_title_text_color", "textColor"),
        ("block_info_text_color", "textColor"),  # Gradio's grey is too pale to read
        ("border_color_primary", "borderColor"),
        ("block_border_color", "borderColor"),
        ("button_primary_background_fill", "primaryColor"),
        ("button_primary_background_fill_hover", "primaryColor"),
        ("button_primary_text_color", "backgroundColor"),
        ("slider_color", "primaryColor"),
        ("loader_color", "primaryColor"),
        ("color_accent_soft", "secondaryBackgroundColor"),
        ("stat_background_fill", "primaryColor"),
        ("checkbox_background_color_selected", "primaryColor"),
        ("link_text_color", "linkColor"),
    ):
        values[name], values[f"{name}_dark"] = light[key], dark[key]
    return gr.themes.Base(
        radius_size="lg", font=["Source Sans", "Helvetica", "Arial", "sans-serif"]
    ).set(color_accent=light["primaryColor"], **values)
