"""The demo of most tutorials, for `serving.py`: Gradio around `model.predict`."""

import sys

import gradio as gr
import keras
import numpy as np
from PIL import Image


def main() -> None:
    """Serve. Arguments: the network, the side of its input in pixels, the port."""
    model, side = keras.saving.load_model(sys.argv[1]), int(sys.argv[2])

    def classify(image: Image.Image) -> dict[str, float]:
        batch = np.asarray(image.convert("RGB").resize((side, side)))[np.newaxis]
        logits = model.predict(batch, verbose=0)[0]
        found = np.exp(logits - logits.max())
        return {f"class {i}": float(p) for i, p in enumerate(found / found.sum())}

    demo = gr.Interface(classify, gr.Image(type="pil"), gr.Label(num_top_classes=5))
    demo.launch(server_port=int(sys.argv[3]), quiet=True)


if __name__ == "__main__":
    main()
