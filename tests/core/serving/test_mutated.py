"""Damaged pictures by the hundred, in the real engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from dashboard.core.errors import LightboxError
from dashboard.core.serving.client import EngineClient
from dashboard.core.settings import Settings
from tests import contract, corpus
from tests.server import Lightbox

N = 400
PARALLEL = 4


def damaged(seed: int) -> bytes:
    """One of the valid pictures: bits flipped, bytes lost in the middle, or its end missing."""
    random = np.random.default_rng(seed)
    content = bytearray(corpus.VALID[seed % len(corpus.VALID)])
    for bit in random.integers(0, 8 * len(content), random.integers(0, 6)):
        content[bit // 8] ^= 1 << int(bit % 8)
    start, end = sorted(random.integers(0, len(content), 2))
    if random.random() < 0.3:
        del content[start : start + (end - start) // 10]
    if random.random() < 0.3:
        del content[end:]
    return bytes(content)


def test_the_engine_outlives_damaged_pictures(lightbox: Lightbox) -> None:
    configured = Settings.from_environment({"LIGHTBOX_HOME": str(lightbox.home)})
    client = EngineClient(configured.engine_socket)

    def send(seed: int) -> str:
        try:
            client.classify(damaged(seed))
        except LightboxError as error:
            contract.check_sentence(str(error))
            return error.code
        return "ok"

    log = lightbox.home / "engine.log"
    before = log.stat().st_size
    with contract.survived(lightbox), ThreadPoolExecutor(PARALLEL) as pool:
        codes = set(pool.map(send, range(N)))
    client.close()
    assert {"ok", "truncated", "broken_image", "not_an_image"} <= codes
    assert not codes & {"internal", "failed", "engine_restarting", "out_of_memory"}
    assert b"Traceback" not in log.read_bytes()[before:]
