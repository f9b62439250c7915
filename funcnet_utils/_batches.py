"""Data on its way into a model: batches, devices, precision, padding, progress."""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from scipy.special import expit

from funcnet_utils._hooks import first_tensor, is_module

BATCH = 256
SCIKIT: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "logistic": expit,
    "identity": lambda x: x,
}


def batches(data: Any, size: int) -> Iterable[Any]:
    """Return batches of a loader, a data set, an array, or a mapping or tuple of arrays."""
    data = data.to_numpy() if hasattr(data, "to_numpy") else data  # of a data frame
    if hasattr(data, "shape") and hasattr(data, "dtype"):
        return (data[k : k + size] for k in range(0, len(data), size))
    if isinstance(data, tuple) and all(hasattr(part, "shape") for part in data):
        return ([v[k : k + size] for v in data] for k in range(0, len(data[0]), size))
    if isinstance(data, Mapping):
        count = len(next(iter(data.values())))
        return ({n: v[k : k + size] for n, v in data.items()} for k in range(0, count, size))
    torch = sys.modules.get("torch")
    if torch and isinstance(data, torch.utils.data.Dataset):
        return torch.utils.data.DataLoader(data, batch_size=size)
    return data() if callable(data) else data


def refuse_one_pass(data: Any) -> None:
    """Raise a ValueError if data cannot be read twice in the same order."""
    source = getattr(data, "batch_sampler", None) or data
    kind = type(getattr(source, "sampler", source)).__name__
    if hasattr(data, "__next__") or "Random" in kind:
        raise ValueError(
            f"data is read in several passes, or in the order of labels or a mask, and a {kind} "
            "cannot give the same order twice: give a list, an array, or shuffle=False."
        )


def mask_of(mask: Any, batch: Any) -> Any:
    """Return which tokens count, as a tensor of truth values, or None."""
    if mask is None and isinstance(batch, Mapping):
        mask = batch.get("attention_mask")
    found = mask(batch) if callable(mask) else batch[mask] if isinstance(mask, str) else mask
    return None if found is None else sys.modules["torch"].as_tensor(found).bool()


def to_numpy(value: Any) -> np.ndarray:
    """Return a copy of a tensor or array as an array; half precision becomes single."""
    if hasattr(value, "detach"):
        value = single(value.detach()).cpu().numpy()
    return np.array(value)


def single(value: Any) -> Any:
    """Return a tensor of half or lower precision in single precision, others as they are."""
    return value.float() if value.is_floating_point() and value.itemsize < 4 else value


def bars(chunks: Iterable[Any], progress: bool) -> Iterable[Any]:
    """Return batches with a progress bar, where tqdm is installed and it takes a while."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of a notebook that shows no bar
            from tqdm.auto import tqdm
    except ImportError:
        return chunks
    return tqdm(chunks, delay=2, leave=False, disable=None if progress else True)


def call_model(model: Any, batch: Any) -> Any:
    """Call a model on a batch: the first of a tuple, the keywords of a mapping that it knows."""
    if isinstance(batch, (tuple, list)):
        return call_model(model, batch[0])
    if not isinstance(batch, Mapping):
        return model(_moved(model, batch))
    known = inspect.signature(model.forward).parameters
    everything = any(one.kind == one.VAR_KEYWORD for one in known.values())
    return model(**{k: _moved(model, v) for k, v in batch.items() if everything or k in known})


def _moved(model: Any, value: Any) -> Any:
    """Return an array or tensor on the device of a model, real numbers in its precision."""
    import torch

    if isinstance(value, np.ndarray):
        value = torch.from_numpy(value if value.flags.writeable else value.copy())
    if not isinstance(value, torch.Tensor):
        return value
    floating = (p for p in [*model.parameters(), *model.buffers()] if p.is_floating_point())
    like = next(floating, value)
    dtype = like.dtype if value.is_floating_point() else None
    return value.to(like.device, dtype, copy=True)  # a first layer may work in place


def accuracy(model: Any, data: Any) -> float:
    """Return the share of right answers of a classifier over batches of (inputs, labels)."""
    right = total = 0
    for batch in batches(data, BATCH):
        if not isinstance(batch, (tuple, list)) or len(batch) < 2:
            raise ValueError("accuracy needs batches of (inputs, labels): give a score.")
        answers = first_tensor(call_model(model, batch)).argmax(1).cpu()
        right += int((answers == batch[1].cpu()).sum())
        total += len(answers)
    if not total:
        raise ValueError("there are no batches to score: give data that can be read again.")
    return right / total


def reader(model: Any, layers: Any) -> Callable[[Any, Any], Any] | None:
    """Return how activations are had without hooks, or None for a torch module with hooks."""
    if callable(layers) and not is_module(layers):
        return layers
    if hasattr(model, "coefs_"):
        if layers is not None:
            raise ValueError(f"layers is {layers!r}: an MLP of scikit-learn shows all hidden ones.")
        return _scikit
    if not is_module(model):
        raise ValueError(
            f"there are no hooks for {type(model).__name__}: give a torch.nn.Module, an MLP of "
            "scikit-learn after fit, or layers=function(model, batch) that returns activations."
        )
    return None


def _scikit(model: Any, batch: Any) -> dict[str, np.ndarray]:
    values, found = to_numpy(first_tensor(batch)), {}
    for k, (weights, bias) in enumerate(zip(model.coefs_[:-1], model.intercepts_, strict=False)):
        values = found[f"hidden {k + 1}"] = SCIKIT[model.activation](values @ weights + bias)
    return found
