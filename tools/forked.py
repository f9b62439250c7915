"""Kernels as copies of a process that has imported what pages import: that takes seconds each.

Where processes cannot be copied safely (all but Linux), kernels start as Jupyter starts them.
"""

import contextlib
import json
import multiprocessing
import os
import sys
from importlib.metadata import EntryPoint
from typing import Any, ClassVar

import psutil
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

FORKS = sys.platform == "linux"
CONTEXT = multiprocessing.get_context("fork") if FORKS else multiprocessing.get_context("spawn")


class _Copy(psutil.Process):
    """A copy of this process that waits to be a kernel, with what Jupyter asks of a process."""

    stdin = stdout = stderr = None

    def __init__(self) -> None:
        (asked, self.ask), parent = os.pipe(), os.getpid()
        if (pid := os.fork()) == 0:
            os.close(self.ask)
            _be_kernel(asked, parent)
            os._exit(0)
        os.close(asked)
        super().__init__(pid)

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        with contextlib.suppress(psutil.TimeoutExpired):
            return self.wait(0)
        return None


class ForkedKernel(LocalProvisioner):
    """Starts the prepared copy instead of a new interpreter."""

    prepared: ClassVar[_Copy]

    async def launch_kernel(self, cmd: list[str], **how: Any) -> Any:
        """Start the kernel."""
        self.process = self.prepared  # type: ignore[assignment]
        self.pid = self.pgid = self.prepared.pid
        with os.fdopen(self.prepared.ask, "w") as ask:
            json.dump([cmd[3:], os.getcwd(), how["env"]], ask)
        return self.connection_info


def prepare_kernel() -> None:
    """Copy this process, before it has threads that matter, and let Jupyter use the copy."""
    if FORKS:
        ForkedKernel.prepared = _Copy()
        here = EntryPoint("", f"{__name__}:{ForkedKernel.__name__}", "")
        KernelProvisionerFactory.instance().provisioners["local-provisioner"] = here


def _be_kernel(asked: int, parent: int) -> None:
    with os.fdopen(asked) as pipe:
        said = pipe.read()
    if said:
        arguments, folder, environment = json.loads(said)
        os.setsid()  # a group of its own, to be killed with all that it starts
        os.environ.update(environment)
        os.chdir(folder)
        for name in {"numpy.random", "torch.random"} & set(sys.modules):
            sys.modules[name].seed()  # else all pages would draw alike
        IPKernelApp.launch_instance([*arguments, f"--IPKernelApp.parent_handle={parent}"])
