"""How torch calculates here: on one thread, and alike on every x86 processor with AVX2.

Torch chooses its kernels by the width of a processor's vector registers, and wider ones round
differently. Where the widest are not needed for the same numbers, the common ones are asked for,
which costs nothing measurable. Torch and MKL look once, at their first calculation: import this
package before you calculate, or set the two variables yourself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from llvmlite.binding import get_host_cpu_features

if get_host_cpu_features().get("avx2"):
    os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")
    os.environ.setdefault("MKL_CBWR", "AVX2,STRICT")

import torch  # after the variables that it reads


@contextmanager
def single_thread() -> Iterator[None]:
    """Run torch on one thread: two threads on a busy machine wait for each other far too long."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
