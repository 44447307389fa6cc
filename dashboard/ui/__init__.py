"""What the Streamlit pages draw with: language, links, charts, galleries, panels."""
