"""Maps of a data set, and the pictures nearest to one."""

from __future__ import annotations

import importlib.util
import io
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.core.atomic import write_bytes
from dashboard.core.data.dataset import Dataset
from dashboard.core.images import fit
from dashboard.core.models.store import StoredModel
from dashboard.core.quality.base import SIDE
from dashboard.core.quality.features import describe, features, projection
from dashboard.core.quality.model_features import model_features, model_folder
from dashboard.core.quality.results import checked_version
from dashboard.core.text import mark

if TYPE_CHECKING:
    import pandas as pd

MAX_UMAP = 10_000
"""Pictures on a UMAP map; of larger data sets an even sample."""

_N_NEIGHBOURS = 15


def pca_map(dataset: Dataset, model: StoredModel | None = None) -> pd.DataFrame:
    """Return every picture on the two directions the features vary most in.

    Args:
        dataset: Whose pictures.
        model: A published model whose features to take; None for those of `features`.

    Returns:
        Columns `id`, `x`, `y`, in index order. Stored on the first call.
    """
    import pandas as pd

    path = _folder(dataset, model) / "map-pca.parquet"
    if not path.is_file():
        found = _features(dataset, model)
        _write(path, dataset, np.arange(len(found)), found[:, :2])
    return pd.read_parquet(path)


def umap_map(dataset: Dataset, model: StoredModel | None = None) -> pd.DataFrame:
    """Return up to `MAX_UMAP` pictures so that neighbours stay neighbours; see `pca_map`.

    McInnes, Healy & Melville 2018, "UMAP: uniform manifold approximation and projection",
    arXiv:1802.03426. 10 to 20 s for 10,000 pictures; for a worker, not a page.

    Returns:
        Columns `id`, `x`, `y`. Stored on the first call, with a fixed seed.
    """
    found = stored_umap(dataset, model)
    if found is None:
        values = _features(dataset, model)
        chosen = np.random.default_rng(0).permutation(len(values))[:MAX_UMAP]
        rows = np.sort(chosen)
        _write(_umap_path(dataset, model), dataset, rows, _umap(np.asarray(values[rows])))
        found = stored_umap(dataset, model)
    assert found is not None
    return found


def stored_umap(dataset: Dataset, model: StoredModel | None = None) -> pd.DataFrame | None:
    """Return the map of `umap_map` if it is ready."""
    import pandas as pd

    path = _umap_path(dataset, model)
    return pd.read_parquet(path) if path.is_file() else None


def umap_missing() -> str | None:
    """Return why there can be no UMAP map, or None."""
    if importlib.util.find_spec("umap") is None:
        return mark("The UMAP map needs the package umap-learn, which is not installed.")
    return None


def neighbours(dataset: Dataset, image_id: str, k: int = 12) -> pd.DataFrame:
    """Return the pictures nearest to one of the data set, the nearest first, without itself.

    Features found for a version this one was made from serve as well: pixels never change.

    Returns:
        Columns `id`, `distance` in feature space. Unknown ids: `NotFound`.
    """
    dataset.position(image_id)
    source = checked_version(dataset) or dataset
    row = source.position(image_id)
    return _nearest(dataset, source, features(source)[row], k, without=row)


def neighbours_of(dataset: Dataset, pixels: np.ndarray, k: int = 12) -> pd.DataFrame:
    """Return the pictures nearest to one from elsewhere, uint8 (h, w, 3), as `neighbours` does."""
    source = checked_version(dataset) or dataset
    weights, offset = projection(source)
    query = describe(fit(pixels, SIDE, SIDE, 3)[None]) @ weights - offset
    return _nearest(dataset, source, query[0], k)


def _nearest(
    dataset: Dataset, source: Dataset, query: np.ndarray, k: int, without: int = -1
) -> pd.DataFrame:
    """Compare with every picture: 55,000 take some milliseconds, so no index is kept."""
    import pandas as pd

    found, ids = features(source), source.index["id"]
    squares = np.einsum("nd,nd->n", found, found) - 2 * (found @ query) + query @ query
    if without >= 0:
        squares[without] = np.inf
    if source != dataset:
        squares[~dataset.holds(ids)] = np.inf
    k = min(k, int(np.isfinite(squares).sum()))
    rows = np.argpartition(squares, k - 1)[:k] if k else np.zeros(0, np.int64)
    rows = rows[np.argsort(squares[rows], kind="stable")]
    distances = np.sqrt(np.maximum(squares[rows], 0))
    return pd.DataFrame({"id": ids.to_numpy()[rows], "distance": distances})


def _folder(dataset: Dataset, model: StoredModel | None) -> Path:
    return model_folder(dataset, model) if model else dataset.path


def _features(dataset: Dataset, model: StoredModel | None) -> np.ndarray:
    return model_features(dataset, model) if model else features(dataset)


def _umap_path(dataset: Dataset, model: StoredModel | None) -> Path:
    return _folder(dataset, model) / "map-umap.parquet"


def _write(path: Path, dataset: Dataset, rows: np.ndarray, places: np.ndarray) -> None:
    import pandas as pd

    if places.shape[1] < 2:  # all pictures are equal
        places = np.pad(places, ((0, 0), (0, 2 - places.shape[1])))
    ids = dataset.index["id"].to_numpy()[rows]
    out = io.BytesIO()
    pd.DataFrame({"id": ids, "x": places[:, 0], "y": places[:, 1]}).to_parquet(out, index=False)
    write_bytes(path, out.getvalue())


def _umap(values: np.ndarray) -> np.ndarray:
    """Return places in the plane: float32 (n, 2).

    The neighbours are searched exactly (0.5 processor seconds for 10,000 pictures): with UMAP's own
    search, which is compiled at each start, the whole took 41 processor seconds, so 11.
    """
    from sklearn.neighbors import NearestNeighbors

    n = len(values)
    if n < 4:  # too few for UMAP's spectral layout
        return values[:, :2]
    k = min(_N_NEIGHBOURS, n)
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(values)
    distances, rows = search.kneighbors(values)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numba and UMAP comment on their own doings
        model = _import_umap().UMAP(
            n_neighbors=k,
            init="pca",
            random_state=0,
            n_jobs=1,
            precomputed_knn=(rows, distances, None),
        )
        places: np.ndarray = model.fit_transform(values)
    return places


def _import_umap() -> Any:
    """Import UMAP without TensorFlow, which it would load for a variant not used here: 10 s."""
    hidden = "tensorflow" not in sys.modules
    if hidden:
        sys.modules["tensorflow"] = None  # type: ignore[assignment]
    try:
        import umap
    finally:
        if hidden:
            del sys.modules["tensorflow"]
    return umap
