"""Run one notebook in this process and leave its executed form, its page and its traceback.

Started by `islesedu.course.runner` as ``python -m islesedu.course.worker JOB`` with the job as
JSON: a process of its own can be timed, measured and killed without harm to the others.
"""

import json
import os
import re
import sys
import traceback
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from islesedu.common.files import partial_of, whole, write_text
from islesedu.common.fork_server import is_forked
from islesedu.common.forked import Spare
from islesedu.common.processes import follow_parent

CELLS_DONE = "code cells done: "
"""Before a number, a line to whoever started this process."""


def leave_out_unused() -> None:
    """Make a package that no notebook needs look as if it were not installed, in this process.

    jsonschema, which papermill brings, would build a parser of addresses with it: two thirds of the
    time in which this process starts.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # an import of it raises ModuleNotFoundError


def _execute(source: Path, partial: Path, parameters: dict, spare: Spare | None) -> str | None:
    """Execute a notebook with papermill; return the traceback if a cell failed.

    Parameters
    ----------
    source : Path
        The lesson; its own folder is where its cells run.
    partial : Path
        Where papermill writes at the beginning and at the end.
    parameters : dict
        Replace those of the lesson's parameters cell.
    spare : Spare, optional
        Becomes the kernel.
    """
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.engines import papermill_engines

    papermill_engines.register("islesedu", _engine())
    try:
        papermill.execute_notebook(
            str(source),
            str(partial),
            parameters=parameters,
            cwd=str(source.parent),
            engine_name="islesedu",
            kernel_name="python3",
            kernel_manager_class=_own_kernel_manager(spare),
            on_cell_executed=_report(),
            start_timeout=120,
            progress_bar=False,
            log_output=False,
        )
    except papermill.PapermillExecutionError as error:
        return re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
    except DeadKernelError:
        return "The kernel died in the middle of a cell: out of memory, or killed from outside."
    return None


def _engine() -> type:
    """Return a papermill engine that writes the notebook when its cells have run, or one failed.

    Papermill's own writes it twice for every cell: with the pictures of all former ones, which
    costs more the longer the lesson is.
    """
    from papermill.engines import NBClientEngine

    class Engine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
            place, nb_man.output_path = nb_man.output_path, None
            try:
                return super().execute_managed_notebook(nb_man, kernel_name, **options)
            finally:
                nb_man.output_path = place

    return Engine


def _report() -> Callable[..., None]:
    """Return a function that tells who started this process how many code cells are done."""
    done = count(1)

    def report(**_cell: Any) -> None:
        print(f"{CELLS_DONE}{next(done)}", flush=True)

    return report


def _own_kernel_manager(spare: Spare | None) -> type:
    """Return a manager whose "python3" is the Python running now.

    A machine may have no kernel of that name, or one that belongs to another installation. Its
    warning that it talks to this process without encryption is no news to a reader.
    """
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.provisioning import LocalProvisioner

    command = [sys.executable, "-m", "ipykernel_launcher"]

    class SpareProvisioner(LocalProvisioner):
        async def launch_kernel(self, cmd: list[str], **options: Any) -> dict[str, Any]:
            spare.run(cmd[2:], options["env"], options.get("cwd") or os.getcwd())
            self.process, self.pid, self.pgid = spare, spare.pid, spare.pid
            return self.connection_info

    class OwnKernelManager(AsyncKernelManager):
        def __init__(self, **options: Any):
            super().__init__(**options)
            if spare:
                self.provisioner = SpareProvisioner(kernel_spec=self.kernel_spec, parent=self)

        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(
                argv=[*command, "-f", "{connection_file}", "--IPKernelApp.log_level=ERROR"],
                display_name="Python 3 (ipykernel)",
                language="python",
            )

    return OwnKernelManager


def _run_job(job: dict, spare: Spare | None) -> int:
    """Run one lesson; return 0, or 1 if a cell failed. Final files appear whole or not at all."""
    source, output, name = Path(job["source"]), Path(job["output"]), job["name"]
    notebook, page = output / f"{name}.ipynb", output / f"{name}.html"
    partial = partial_of(notebook)
    try:
        error = _execute(source, partial, job["parameters"], spare)
        from islesedu.course.page import to_html

        with whole(page) as place:
            place.write_text(to_html(partial, source.parent), encoding="utf-8")
            os.replace(partial, notebook)
    except Exception:
        # Not a cell but the runner failed: old results must not pass for this run's.
        error = traceback.format_exc()
        for old in (page, notebook):
            old.unlink(missing_ok=True)
    error_file = output / f"{name}.error.txt"
    if error is None:
        error_file.unlink(missing_ok=True)
        return 0
    write_text(error_file, error + "\n")
    return 1


if __name__ == "__main__":
    kernel = Spare() if is_forked() else None  # before anything starts a thread
    follow_parent()
    leave_out_unused()
    sys.exit(_run_job(json.loads(sys.argv[1]), kernel))
