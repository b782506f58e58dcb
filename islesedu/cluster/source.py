"""Source of methods, for a lesson that shows them without importing TensorFlow."""

import ast
from pathlib import Path
from textwrap import dedent


def worker_source(*methods: str) -> str:
    """Return the source of methods of `islesedu.cluster.weights.SharedWeights`.

    Examples
    --------
    >>> print(worker_source("push").splitlines()[0])
    def push(self, gradients: Sequence[tf.Tensor], rate: tf.Tensor) -> list[tf.Operation]:
    """
    text = Path(__file__).with_name("weights.py").read_text(encoding="utf-8")
    found = {n.name: n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)}
    return "\n".join(dedent(_lines(text, found[name])) for name in methods)


def _lines(text: str, node: ast.FunctionDef) -> str:
    return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno]) + "\n"
