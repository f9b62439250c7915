"""Unit activations of any model, batch by batch: torch modules through forward hooks.

A hook reduces what it sees at once, so a later in-place operation cannot reach it. The model is in
evaluation mode meanwhile and is left as it was, also after an error.
"""

from __future__ import annotations

import copy
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from funcnet_utils import _batches, _hooks
from funcnet_utils._hooks import Site, first_tensor
from funcnet_utils.correlation import memory_needed, refuse_if_too_large
from funcnet_utils.errors import check_choice, check_int, closest

UNSEEN = (
    "activation functions such as torch.relu are no modules, and are left out: name layers, or "
    "what a layer reads, such as layers={} ({})."
)


@dataclass
class Probe:
    """What is recorded of a model; the parameters are those of `functional_network`.

    After the first batch `names` and `sizes` list the layers, in the order of the forward pass, and
    their numbers of units.
    """

    model: Any
    layers: Any = None
    units: str = "channels"
    steps: str = "last"
    heads: int | None = None
    mask: Any = None
    call: Callable[[Any, Any], Any] | None = None
    batch_size: int = _batches.BATCH
    progress: bool = True

    def __post_init__(self) -> None:
        check_choice("units", self.units, ("channels", "max", "positions", "heads"))
        check_choice("steps", self.steps, ("last", "every"))
        check_int("batch_size", self.batch_size, 1)
        self.model = _hooks.unwrapped(self.model)
        self.read = _batches.reader(self.model, self.layers)
        self.chosen = [] if self.read else _hooks.choose(self.model, self.layers, self.units)
        for name, module, _ in self.chosen:
            if getattr(module, "num_layers", 1) > 1 and _hooks.is_kind(module, "RNNBase"):
                warnings.warn(
                    f"{name!r} has {module.num_layers} layers and shows its last one only: stack "
                    "modules of one layer each to see all.",
                    stacklevel=3,
                )
        self.found: dict[tuple[str, int], np.ndarray] = {}
        self.names: list[str] = []
        self.sizes: list[int] = []

    @contextmanager
    def recording(self, data: Any) -> Iterator[Callable[[], Iterator[np.ndarray]]]:
        """Return, for as long as hooks are on, what passes data through batch by batch."""
        hooked = _hooks.hooked(self.model, self.chosen, self._see)
        with _hooks.still(self.model, data), hooked as self.turns:
            yield lambda: self._chunks(data)

    def _chunks(self, data: Any) -> Iterator[np.ndarray]:
        self.start = 0  # of the batch, among all samples
        bar = _batches.bars(_batches.batches(data, self.batch_size), self.progress)
        for number, batch in enumerate(bar):
            parts = self._read(batch) if self.read else self._recorded(batch)
            if not self.names:
                self.names, self.sizes = list(parts), [part.shape[-1] for part in parts.values()]
                refuse_if_too_large(sum(self.sizes))
                if hasattr(bar, "set_description"):
                    bar.set_description(_size(sum(self.sizes)), refresh=False)
            self._check(parts, number)
            yield np.concatenate(list(parts.values()), axis=1)

    def _check(self, parts: dict[str, np.ndarray], number: int) -> None:
        if list(parts) != self.names:
            other = ", ".join(sorted(set(parts) ^ set(self.names)) or self.names)
            raise ValueError(
                f"batch {number} went through other layers than batch 0 ({other}): name layers "
                "that every batch goes through equally often, in the same order."
            )
        for name, part in parts.items():
            if part.ndim != 2:
                raise ValueError(f"layer {name!r} has shape {part.shape}: give (n_samples, n).")
            if part.dtype.kind == "f" and not np.isfinite(part).all():
                raise ValueError(f"layer {name!r} shows NaN or infinity in batch {number}.")
        if len({len(part) for part in parts.values()}) > 1:
            firsts = {len(part): name for name, part in reversed(parts.items())}
            counts = ", ".join(f"{name}: {count}" for count, name in reversed(firsts.items()))
            raise ValueError(
                f"layers differ in samples per batch ({counts}): name layers of one kind or size, "
                "or choose units='channels' for convolutions, steps='last' for recurrent layers."
            )

    def _read(self, batch: Any) -> dict[str, np.ndarray]:
        found = self.read(self.model, batch)  # type: ignore[misc]
        found = found if isinstance(found, Mapping) else {"activations": found}
        return {str(name): _batches.to_numpy(part) for name, part in found.items()}

    def _recorded(self, batch: Any) -> dict[str, np.ndarray]:
        self.found.clear()
        self.turns.clear()
        self.kept, self.order = _batches.mask_of(self.mask, batch), ()
        if hasattr(self.mask, "shape"):  # of all data
            self.kept = self.kept[self.start :][: len(first_tensor(batch))]
            self.start += len(self.kept)
        default = self.layers is None and not self.names
        with _hooks.functions(self.model) if default else nullcontext(dict[str, str]()) as unseen:
            (self.call or _batches.call_model)(self.model, batch)
        calls = Counter(name for name, _ in self.found)
        found = self.found.items()
        parts = {f"{name}#{k}" if calls[name] > 1 else name: part for (name, k), part in found}
        if self.names:
            return parts
        one = isinstance(self.layers, str) or _hooks.is_module(self.layers)
        listed = [self.layers] if one else self.layers or ()
        silent = [name for name, *_ in self.chosen if name in listed and name not in calls]
        if silent:
            raise ValueError(f"layer {silent[0]!r} did not run: name one that the model calls.")
        if not calls:
            names = [name or type(one).__name__ for name, one in self.model.named_modules()]
            remedy = UNSEEN.format([*unseen] or [_hooks.INPUT + names[-1]], closest("", names))
            raise ValueError(f"no activation module ran: {remedy}")
        turned = {str(name).split("#")[0] for name in listed if "#" in str(name)}
        for name in parts:
            if name.split("#")[0] in turned and name not in listed:
                raise ValueError(f"layer {name!r} is left out: name all calls of a module or none.")
        if unseen and self.units != "heads":
            called = ", ".join(sorted(set(unseen.values())))
            warnings.warn(UNSEEN.format([*calls, *unseen], f"{called} ran"), stacklevel=2)
        return parts

    def _see(self, site: Site, value: Any, arguments: tuple[Any, Any]) -> None:
        """Keep what a layer shows as (n_samples, n_units)."""
        import torch

        heads = self.heads
        if site.is_("RNNBase") and self.steps == "last":
            state = first_tensor(value[1])  # of each layer and direction after the last step
            value = torch.cat(list(state[-2:] if site.module.bidirectional else state[-1:]), -1)
        elif site.is_("MultiheadAttention") and self.units == "heads":
            value, heads = _head_outputs(site.module, arguments), site.module.num_heads
        value = first_tensor(value)
        if not isinstance(value, torch.Tensor) or value.ndim < 2:
            raise ValueError(f"layer {site.name!r} shows no batch: give batches, or leave it out.")
        if value.is_nested:  # tokens of sequences without padding
            value = torch.cat(list(value.unbind()))
        value = value.dequantize() if value.is_quantized else value
        value = _batches.single(value)
        if value.ndim > 2 and site.axis == 1:
            value = value.flatten(2).movedim(1, -1)  # positions as tokens
            if self.units != "positions":
                value = value.amax(1) if self.units == "max" else value.mean(1)
        if value.ndim > 2:
            value = self._tokens(site, value)
        elif self.kept is not None and len(value) == self.kept.numel() > len(self.kept):
            raise ValueError(
                f"layer {site.name!r} shows tokens in rows, {tuple(value.shape)}, and which are "
                "padding is not known: name layers that show (sequences, tokens, units), or let "
                "padding count by mask=lambda batch: None."
            )
        if self.units == "heads":
            if not heads or value.shape[-1] % heads:
                raise ValueError(
                    f"heads is {heads!r} and layer {site.name!r} has {value.shape[-1]} units: give "
                    "the number of attention heads, which divides it."
                )
            value = value.unflatten(-1, (heads, -1)).norm(dim=-1)
        self.found[site.name, site.turn] = _batches.to_numpy(value)

    def _tokens(self, site: Site, value: Any) -> Any:
        """Return (sequences, tokens, units) as (tokens, units), without padding."""
        shape = tuple(value.shape[:2])
        self.order = self.order or shape
        if shape != self.order and shape == self.order[::-1]:
            raise ValueError(
                f"layers show tokens in two orders, {self.order} and {shape} at {site.name!r}: "
                "name layers of one order only."
            )
        if self.kept is None:
            return value.flatten(0, -2)
        kept = self.kept.to(value.device)
        if any(getattr(one, "batch_first", True) is False for one in self.model.modules()):
            kept = kept.T
        if tuple(kept.shape) != shape:
            raise ValueError(
                f"the mask has shape {tuple(kept.shape)} and layer {site.name!r} shows {shape}: "
                "give one truth value per token."
            )
        return value[kept].flatten(0, -2)


def layers(model: Any, example: Any, *, call: Callable[[Any, Any], Any] | None = None) -> list[str]:
    """Print the modules of a torch model in the order of the forward pass, and what they show.

    Parameters
    ----------
    model : torch.nn.Module
    example : tensor, or a batch as a loader yields it
        A few inputs.
    call : callable, optional
        As in `functional_network`.

    Returns
    -------
    list of str
        Names of the layers that `functional_network` takes by default, marked by a star.
    """
    probe = Probe(model, layers="*")
    taken = {name for name, *_ in _hooks.choose(probe.model, None, "channels")}
    seen: list[tuple[Site, tuple[int, ...]]] = []

    def see(site: Site, value: Any, _: Any) -> None:
        seen.append((site, tuple(getattr(first_tensor(value), "shape", ()))))

    with _hooks.still(probe.model), _hooks.hooked(probe.model, probe.chosen, see):
        (call or _batches.call_model)(probe.model, example)
    calls = Counter(site.name for site, _ in seen)
    found: dict[str, int] = {}
    for site, shape in seen:
        name = f"{site.name}#{site.turn}" if calls[site.name] > 1 else site.name
        if site.name in taken:
            found[name] = shape[1 if site.axis == 1 else -1]
        star, kind = "*" if site.name in taken else " ", type(site.module).__name__
        print(f"{star} {name:<30} {kind:<20} {'x'.join(map(str, shape))}")
    print(f"* by default: {_size(sum(found.values()))}")
    return list(found)


def _size(n: int) -> str:
    return f"{n:,} units, {memory_needed(n) / 1e6:,.0f} MB"


def _head_outputs(module: Any, arguments: tuple[Any, Any]) -> Any:
    """Return the outputs of attention heads side by side, before they are mixed."""
    import torch

    bare, mix = copy.copy(module), copy.copy(module.out_proj)
    weight = module.out_proj.weight
    eye = torch.eye(len(weight), dtype=weight.dtype, device=weight.device)
    mix._parameters = {"weight": eye, "bias": None}
    bare._modules = {**module._modules, "out_proj": mix}
    args, kwargs = arguments
    return bare.forward(*args, **kwargs)[0]
