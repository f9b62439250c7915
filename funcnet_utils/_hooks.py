"""Hooks on torch modules: which to take, what they show, and a model that is left as it was."""

from __future__ import annotations

import fnmatch
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from funcnet_utils.errors import check_real, closest

INPUT = "input:"
CHANNELS_FIRST = ("Conv", "BatchNorm", "InstanceNorm", "GroupNorm")
CHANNELS_LAST = ("Linear", "LayerNorm", "RMSNorm", "Embedding", "Attention", "RNN", "LSTM", "GRU")
CURVES = ("elu", "silu", "swish", "mish", "tanh", "sigmoid", "softplus")  # relu, gelu end so, too
WRAPPERS = ("DataParallel", "DistributedDataParallel", "OptimizedModule")
ONE_AT_A_TIME = threading.RLock()  # what `still` holds belongs to all threads of a process


@dataclass(frozen=True)
class Site:
    """One call of a hooked module: its name, which call of this pass, and the axis of its units."""

    name: str
    turn: int
    module: Any
    axis: int
    reads: bool  # what the module reads, not what it returns

    def is_(self, kind: str) -> bool:
        """Return whether this is what a module of a class of torch.nn returns."""
        return not self.reads and is_kind(self.module, kind)


See = Callable[[Site, Any, tuple[Any, Any]], Any]


@contextmanager
def still(model: Any, data: Any = None) -> Iterator[None]:
    """Hold a model in evaluation mode, and restore it and every generator of torch afterwards.

    Threads take turns: modes, generators and the fast path of attention are shared by all.
    """
    torch = sys.modules.get("torch")
    with ONE_AT_A_TIME, ExitStack() as stack:
        if torch is not None:
            devices = range(torch.cuda.device_count() if torch.cuda.is_initialized() else 0)
            stack.enter_context(torch.random.fork_rng(devices))
            stack.enter_context(torch.no_grad())
            if "torch._dynamo" in sys.modules and hasattr(torch.compiler, "set_stance"):
                stack.enter_context(torch.compiler.set_stance("force_eager"))  # sees hooks
            mha = torch.backends.mha
            stack.callback(mha.set_fastpath_enabled, mha.get_fastpath_enabled())
            mha.set_fastpath_enabled(False)  # it skips modules, and nests tensors
        if own := getattr(data, "generator", None):
            stack.callback(own.set_state, own.get_state())
        if is_module(model):
            for module in model.modules():
                stack.callback(setattr, module, "training", module.training)
            model.eval()
        yield


@contextmanager
def hooked(model: Any, chosen: Iterable[tuple[str, Any, bool]], see: See) -> Iterator[Counter[str]]:
    """Let `see` look at each call of the chosen modules; what it returns replaces what it saw.

    Gives the counter of calls, to be cleared before each pass.
    """
    turns: Counter[str] = Counter()
    axes: dict[int, int] = {}  # of the units, by dimensions of what layers with weights show

    def follow(module: Any, _: Any, output: Any) -> None:
        kind, ndim = type(module).__name__, getattr(first_tensor(output), "ndim", 0)
        sizes = getattr(module, "kernel_size", None)
        if "Conv" in kind and isinstance(sizes, tuple) and ndim == len(sizes) + 1:
            raise ValueError(f"a {kind} reads one sample at a time: give torch.stack(samples).")
        first = kind.endswith(("2d", "3d"))  # also of LayerNorm2d
        last = kind == "Conv1D" or any(part in kind for part in CHANNELS_LAST)  # that of GPT-2
        if first or last or any(part in kind for part in CHANNELS_FIRST):
            axes[ndim] = axes[0] = -1 if last and not first else 1

    def site(name: str, module: Any, reads: bool, value: Any) -> Site:
        turns[name] += 1
        ndim = getattr(first_tensor(value), "ndim", 0)
        axis = axes.get(ndim, 1 if ndim > 3 else axes.get(0, -1))
        return Site(name, turns[name] - 1, module, axis, reads)

    def watch(name: str, module: Any, reads: bool) -> Any:
        def before(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            found = see(site(name, module, True, args or kwargs), args or kwargs, (args, kwargs))
            return None if found is None else (found, kwargs) if args else (args, found)

        def after(_: Any, args: Any, kwargs: Any, output: Any) -> Any:
            return see(site(name, module, False, output), output, (args, kwargs))

        if reads:
            return module.register_forward_pre_hook(before, with_kwargs=True)
        return module.register_forward_hook(after, with_kwargs=True)

    with ExitStack() as stack:
        for module in model.modules() if is_module(model) else ():
            if module is model:
                stack.enter_context(model.register_forward_pre_hook(lambda *_: axes.clear()))
            whole = is_whole(module) or is_kind(module, "MultiheadAttention")
            if whole and not is_scripted(module):
                stack.enter_context(module.register_forward_hook(follow))
        for one in chosen:
            stack.enter_context(watch(*one))
        yield turns


def choose(model: Any, layers: Any, units: str) -> list[tuple[str, Any, bool]]:
    """Return (name, module, whether its input is meant) of the layers that are asked for."""
    if is_scripted(model):
        raise ValueError("a scripted model refuses hooks: give the module it was scripted from.")
    named = {name or type(m).__name__: m for name, m in model.named_modules(remove_duplicate=False)}
    if layers is None:
        wanted = partial(is_kind, kind="MultiheadAttention") if units == "heads" else is_activation
        layers = list(filter(wanted, dict.fromkeys(named.values())))
        deaf = [name for name, module in named.items() if is_scripted(module)]
        if deaf:
            warnings.warn(f"scripted modules are left out: {', '.join(deaf)}.", stacklevel=4)
    found: dict[tuple[Any, bool], str] = {}  # a shared module has several names
    for layer in [layers] if isinstance(layers, str) or is_module(layers) else layers:
        reads = isinstance(layer, str) and layer.startswith(INPUT)
        if is_module(layer):
            hits = [name for name, module in named.items() if module is layer]
        elif str(layer) in named:  # also with [ or *, such as keys of a ModuleDict
            hits = [str(layer)]
        else:
            hits = fnmatch.filter(named, str(layer).removeprefix(INPUT).split("#")[0])
        if not hits:
            raise ValueError(f"the model has no layer {layer!r}: {closest(str(layer), named)}.")
        for name in hits:
            if is_scripted(named[name]) and name == layer:
                raise ValueError(f"layer {name!r} is scripted and refuses hooks: name another one.")
            found.setdefault((named[name], reads), (INPUT if reads else "") + name)
    return [(name, *key) for key, name in found.items() if not is_scripted(key[0])]


def is_module(thing: Any) -> bool:
    """Return whether something is a torch module, without importing torch."""
    return "torch" in sys.modules and isinstance(thing, sys.modules["torch"].nn.Module)


def is_kind(module: Any, kind: str) -> bool:
    """Return whether a module is of a class of torch.nn, also a quantized one."""
    return any(
        one.__name__ == kind and one.__module__.startswith("torch.") for one in type(module).__mro__
    )


def is_whole(module: Any) -> bool:
    """Return whether a module has no parts, but for what makes its weights, as in weight_norm."""
    return {name for name, _ in module.named_children()} <= {"parametrizations"}


def is_scripted(module: Any) -> bool:
    """Return whether a module came out of torch.jit."""
    return isinstance(module, sys.modules["torch"].jit.ScriptModule)


def is_activation(module: Any) -> bool:
    """Return whether a module makes units: an activation function or a recurrent layer."""
    kind, home = type(module).__name__.lower(), type(module).__module__.rsplit(".", 1)[-1]
    if is_kind(module, "RNNBase") or is_kind(module, "RNNCellBase"):
        return True
    named = "activation" in home or kind.rstrip("123d").endswith(CURVES)
    return named and is_whole(module) and "softm" not in kind


@contextmanager
def functions(model: Any) -> Iterator[dict[str, str]]:
    """Give the activation functions that no module calls, by "input:" and what runs next."""
    from torch.overrides import TorchFunctionMode

    found: dict[str, str] = {}
    loose: list[str] = []  # called since a module ran

    class Watch(TorchFunctionMode):
        def __torch_function__(self, func: Any, _: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = getattr(func, "__name__", "").strip("_6")
            if name.endswith(CURVES) and not name.startswith("rnn"):
                loose.append(name)
            return func(*args, **(kwargs or {}))

    def enter(module: Any, _: Any) -> None:
        if loose:
            found[INPUT + names[module]] = loose.pop()
            loose.clear()

    named = ((module, name) for name, module in model.named_modules() if not is_scripted(module))
    names = {module: name for module, name in named if is_whole(module)}
    with ExitStack() as stack:
        for module in names:
            stack.enter_context(module.register_forward_pre_hook(enter))
        for module in filter(is_activation, names):
            stack.enter_context(module.register_forward_hook(lambda *_: loose.clear()))
        stack.enter_context(Watch())
        yield found


def unwrapped(model: Any) -> Any:
    """Return the plain module in a wrapper, and that of a population of one."""
    if hasattr(model, "n_networks") and hasattr(model, "network"):
        if model.n_networks != 1:
            raise ValueError(f"these are {model.n_networks} networks: give one, as select(k) does.")
        return model.network(0)
    while is_module(model) and type(model).__name__ in WRAPPERS:
        model = getattr(model, "module", None) or model._orig_mod
    return model


def first_tensor(value: Any) -> Any:
    """Return the first entry of nested tuples, lists and mappings."""
    while isinstance(value, (tuple, list, Mapping)) and len(value):
        value = next(iter(value.values() if isinstance(value, Mapping) else value))
    return value


def with_first_tensor(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a value whose first tensor was changed."""
    if isinstance(value, Mapping):
        first = next(iter(value))
        return {**value, first: with_first_tensor(value[first], change)}
    if not isinstance(value, (tuple, list)):
        return change(value)
    parts = [with_first_tensor(value[0], change), *value[1:]]
    return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)


def axis_of_units(site: Site, tensor: Any) -> int:
    """Return which axis of what a layer shows holds its units."""
    return 1 if site.axis == 1 and tensor.ndim > 2 else tensor.ndim - 1


def silenced(site: Site, value: Any, quiet: np.ndarray, shown: np.ndarray) -> Any:
    """Return what a layer shows, with silent units at the given values."""
    import torch

    def change(tensor: Any) -> Any:
        axis = axis_of_units(site, tensor)
        share, rest = divmod(tensor.shape[axis], len(quiet))
        if rest or (share > 1 and site.is_("MultiheadAttention")):
            raise ValueError(f"layer {site.name!r} has {tensor.shape[axis]} units at this place.")
        shape = [-1 if k == axis else 1 for k in range(tensor.ndim)]
        given = (torch.as_tensor(values, device=tensor.device) for values in (quiet, shown))
        mask, fill = (values.repeat_interleave(share).view(shape) for values in given)
        return torch.where(mask, fill.to(tensor.dtype), tensor)

    if site.is_("RNNBase"):
        output, state = value
        last = first_tensor(state).clone()
        directions = 2 if site.module.bidirectional else 1
        parts = change(torch.cat(list(last[-directions:]), dim=-1))
        last[-directions:] = torch.stack(parts.chunk(directions, dim=-1))
        return with_first_tensor(output, change), with_first_tensor(state, lambda _: last)
    return with_first_tensor(value, change)


def silent_units(order: Any, shares: Sequence[float], n: int) -> np.ndarray:
    """Return which of n units are silent at each share, shape (..., n_shares, n), in an order."""
    given = np.asarray(order)
    whole = given.dtype.kind in "iu" and given.shape[-1:] == (n,)
    if not whole or (np.sort(given, axis=-1) != np.arange(n)).any():
        raise ValueError(
            f"order has shape {given.shape} and type {given.dtype}: list each of 0 to {n - 1} once."
        )
    counts = [round(check_real("share", one, 0, 1, "a share of all units,") * n) for one in shares]
    return np.argsort(given, axis=-1)[..., None, :] < np.array(counts)[:, None]


def lesion_scores(
    model: Any,
    data: Any,
    score: Callable[[Any, Any], float],
    silent: np.ndarray,
    shown: np.ndarray,
    units: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Return the score of a torch model while units are silent, in the shape (...) of `silent`.

    `silent` (..., n_units) are truth values, `shown` (n_units,) is what silent units show instead,
    and `units` are the numbers of the units of each layer.
    """
    bare = unwrapped(model)
    if not is_module(bare):
        raise ValueError(f"lesions need a torch module, and this is a {type(bare).__name__}.")
    calls = Counter(name.split("#")[0] for name in units)

    def see(site: Site, value: Any, _: Any) -> Any:
        own = units.get(site.name)
        if own is None:
            own = units[f"{site.name}#{site.turn % calls[site.name]}"]
        return silenced(site, value, row[own], shown[own]) if row[own].any() else None

    scores = []
    with still(bare, data), hooked(bare, choose(bare, list(calls), "channels"), see):
        for index in np.ndindex(silent.shape[:-1]):
            row = silent[index]  # which `see` looks at
            scores.append(float(score(bare, data)))
    return np.reshape(scores, silent.shape[:-1])
