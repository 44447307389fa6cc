"""The Gradio upload widget."""
