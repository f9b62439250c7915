"""Ask a network and leave no trace: one thread, evaluation mode, no generator moved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def single_thread() -> Iterator[None]:
    """Run torch on one thread: two threads on a busy machine wait for each other far too long."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def evaluating(module: torch.nn.Module) -> Iterator[None]:
    """Put a module into evaluation mode, on one thread, and every part back as it was.

    Threads, modes and torch's global generator are restored after an error, too.
    """
    modes = {part: part.training for part in module.modules()}
    with single_thread(), torch.random.fork_rng(devices=[]):
        try:
            module.eval()
            yield
        finally:
            for part, training in modes.items():
                part.training = training
