"""Run one notebook in this process and leave its executed form, its page and its traceback.

Started by `islesedu.lesson_runner` as ``python -m islesedu.lesson_worker job.json``: a process of
its own can be timed, weighed and killed without harm to the others.
"""

import json
import os
import re
import sys
from pathlib import Path

from islesedu.files import whole, write_text


def execute(source: Path, partial: Path, parameters: dict) -> str | None:
    """Execute a notebook with papermill; return the traceback if a cell failed.

    Parameters
    ----------
    source : Path
        The lesson; its own folder is where its cells run.
    partial : Path
        Where papermill writes after each cell.
    parameters : dict
        Replace those of the lesson's parameters cell.
    """
    import papermill

    # The kernel of this very Python, also if the user has another one of the same name.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # no hints about CPU instructions
    try:
        papermill.execute_notebook(
            str(source),
            str(partial),
            parameters=parameters,
            cwd=str(source.parent),
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
        )
    except papermill.PapermillExecutionError as error:
        return re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    return None


def to_html(notebook: Path) -> str:
    """Return an executed notebook as one page that needs nothing from the network.

    The page is nbconvert's, without the scripts it would fetch for formulas and widgets: the
    lessons write formulas as text, and their widgets draw a static view first.
    """
    import nbformat
    from nbconvert import HTMLExporter

    node = nbformat.read(notebook, as_version=4)
    node.metadata.pop("widgets", None)
    exporter = HTMLExporter(exclude_input_prompt=True, exclude_output_prompt=True)
    page, _ = exporter.from_notebook_node(node, {"metadata": {"name": notebook.stem}})
    page = re.sub(r'<script[^>]*\bsrc="https?:[^>]*>\s*</script>', "", page)
    return re.sub(
        r"<!-- Load mathjax -->.*?<!-- End of mathjax configuration -->", "", page, flags=re.S
    )


def run_job(job: dict) -> int:
    """Run one lesson; return 0, or 1 if a cell failed. Final files appear whole or not at all."""
    source, output, name = Path(job["source"]), Path(job["output"]), job["name"]
    error_file = output / f"{name}.error.txt"
    with whole(output / f"{name}.ipynb") as place:
        partial = Path(job["partial"])
        error = execute(source, partial, job["parameters"])
        os.replace(partial, place)
        write_text(output / f"{name}.html", to_html(place))
    if error is None:
        error_file.unlink(missing_ok=True)
        return 0
    write_text(error_file, error + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(run_job(json.loads(sys.argv[1])))
