"""Kernels as copies of a process that has imported what pages import: that takes seconds each.

Where processes cannot be copied safely (all but Linux), kernels start as Jupyter starts them.
"""

import json
import multiprocessing
import os
import sys
from importlib.metadata import EntryPoint
from typing import Any, ClassVar

from ipykernel.kernelapp import IPKernelApp
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

FORKS = sys.platform == "linux"
CONTEXT = multiprocessing.get_context("fork" if FORKS else "spawn")


class _Copy:
    """A copy of this process that waits to be a kernel, with what Jupyter asks of a process."""

    stdin = stdout = stderr = None

    def __init__(self) -> None:
        asked, self._ask = os.pipe()
        self.returncode: int | None = None
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._ask)
            _be_kernel(asked, parent)
            os._exit(0)
        os.close(asked)

    def start(self, *how: Any) -> None:
        """Say how to start; the copy of a process that ends without a word ends, too."""
        os.write(self._ask, json.dumps(how).encode())
        os.close(self._ask)

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        if self.returncode is None and (ended := os.waitpid(self.pid, os.WNOHANG))[0]:
            self.returncode = os.waitstatus_to_exitcode(ended[1])
        return self.returncode

    wait = poll  # asked for after the end

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)


class ForkedKernel(LocalProvisioner):
    """Starts the prepared copy instead of a new interpreter."""

    prepared: ClassVar[_Copy]

    async def launch_kernel(self, cmd: list[str], **how: Any) -> Any:
        """Start the kernel."""
        self.process = self.prepared
        self.pid = self.pgid = self.prepared.pid
        self.prepared.start(cmd[3:], os.getcwd(), how["env"])
        return self.connection_info


def prepare_kernel() -> None:
    """Copy this process, as long as it has one thread, and let Jupyter use the copy."""
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
        IPKernelApp.launch_instance([*arguments, f"--IPKernelApp.parent_handle={parent}"])
