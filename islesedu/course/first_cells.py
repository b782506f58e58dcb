"""Which cells of a lesson to run first, where one that was run alone raises a NameError.

`say_what_to_run_first` gives a kernel the handler. Every kernel of an environment in which
islesedu is installed has it from its start (islesedu/course/islesedu_startup.py), because in one
that has just been restarted no cell can have given it.
"""

import ast
import builtins
import json
import os
import re
import symtable
from collections.abc import Container, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

_SHOWN = 6
"""Cells that are named one by one."""
_CHECK = re.compile(r"""\bcheck\(\s*["'](\d\d)\.\d+["']""")


@lru_cache(maxsize=1000)
def names_of(source: str) -> tuple[set[str], set[str]]:
    r"""Return the names that a cell needs from cells before it, and those that it binds.

    Examples
    --------
    >>> needed, bound = names_of("for n in range(3):\n    total = n + start\nprint(total)")
    >>> sorted(needed), sorted(bound)
    (['print', 'range', 'start'], ['n', 'total'])
    """
    try:
        return _scan(ast.parse(source).body)
    except (SyntaxError, ValueError, RecursionError):  # such as a magic command
        return set(), set()


def _scan(statements: Iterable[ast.stmt]) -> tuple[set[str], set[str]]:
    """Return needed and bound names of statements, in the order in which they run."""
    needed: set[str] = set()
    bound: set[str] = set()
    for statement in statements:
        for part in _parts(statement):
            if isinstance(part, list):
                uses, binds = _scan(part)
            else:
                uses, binds = _names(part)
            needed |= uses - bound
            bound |= binds
    return needed, bound


def _parts(statement: ast.stmt) -> list[ast.stmt | list[ast.stmt]]:
    """Split a compound statement into its head and its blocks, in the order in which they run."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [statement]
    blocks = [getattr(statement, name, None) for name in ("body", "orelse", "finalbody")]
    blocks[1:1] = [_handled(handler) for handler in getattr(statement, "handlers", [])]
    heads = [value for value in ("test", "subject") if hasattr(statement, value)]
    parts: list[ast.stmt | list[ast.stmt]] = [
        ast.Expr(getattr(statement, name)) for name in heads if blocks[0] or name == "subject"
    ]
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        parts.append(ast.Assign([statement.target], statement.iter, lineno=1))
    for item in getattr(statement, "items", []):
        target = item.optional_vars or ast.Name("_", ast.Store())
        parts.append(ast.Assign([target], item.context_expr, lineno=1))
    blocks += [case.body for case in getattr(statement, "cases", [])]
    inner = [block for block in blocks if isinstance(block, list) and block]
    return [*parts, *inner] if inner else [statement]


def _handled(handler: ast.ExceptHandler) -> list[ast.stmt]:
    """Return the block of an except clause; its first statement binds the clause's name."""
    caught = handler.type or ast.Constant(None)
    if not handler.name:
        return [ast.Expr(caught), *handler.body]
    return [ast.Assign([ast.Name(handler.name, ast.Store())], caught, lineno=1), *handler.body]


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """Return needed and bound names of a simple statement, a function or a class."""
    statement = ast.fix_missing_locations(_Generators().visit(statement))
    top = symtable.symtable(ast.unparse(statement), "cell", "exec")
    symbols = top.get_symbols()
    binds = {one.get_name() for one in symbols if one.is_assigned() or one.is_imported()}
    uses = {one.get_name() for one in symbols if one.is_referenced()}
    if isinstance(statement, ast.AugAssign):
        uses |= binds
    waiting = top.get_children()
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        uses |= {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    return uses - {getattr(statement, "name", None)}, binds


class _Generators(ast.NodeTransformer):
    """Makes comprehensions generators: from Python 3.12 on only those keep their names apart."""

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self.generic_visit(ast.GeneratorExp(node.elt, node.generators))

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        pair = ast.Tuple([node.key, node.value], ast.Load())
        return self.generic_visit(ast.GeneratorExp(pair, node.generators))


def cells_to_run(
    cells: Sequence[dict[str, Any]],
    source: str,
    name: str,
    known: Container[str],
    cell_id: str = "",
) -> list[int]:
    """Return the numbers of the cells that must run before a cell can.

    Parameters
    ----------
    cells : sequence of dict
        The cells of the notebook, as JSON.
    source : str
        The cell that was run, as it is now.
    name : str
        The name that it missed.
    known : container of str
        Names that there are already.
    cell_id : str
        Its id, where that is known.

    Returns
    -------
    list of int
        In the order of the notebook; empty if no other cell binds the name.
    """
    names = [names_of(_source(c)) if c["cell_type"] == "code" else (set(), set()) for c in cells]
    here = _position(cells, source, cell_id)
    found: set[int] = set()
    waiting = [(one, here) for one in sorted({name, *names_of(source)[0]})]
    while waiting:
        wanted, end = waiting.pop()
        if wanted in known or hasattr(builtins, wanted):
            continue
        places = [n for n in range(end) if wanted in names[n][1]]
        if not places and wanted == name:
            places = [n for n in range(end + 1, len(cells)) if wanted in names[n][1]][:1]
        if places and places[-1] not in found:
            found.add(places[-1])
            waiting += [(one, places[-1]) for one in names[places[-1]][0]]
    missing = not any(name in names[n][1] for n in found)
    return [] if missing else sorted(found)


def _source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def _position(cells: Sequence[dict[str, Any]], source: str, cell_id: str) -> int:
    """Return the number of the cell that was run; a new one counts as the last."""
    exercise = re.search(r"""\bcheck\(\s*["'][\d.]+["']""", source)
    for n, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        same = _source(cell).strip() == source.strip()
        if same or (exercise and exercise[0] in _source(cell)) or cell_id == cell.get("id", 0):
            return n
    return len(cells)


def message(cells: Sequence[dict[str, Any]], name: str, first: Sequence[int]) -> str:
    """Return what a reader is told: the cells to run first, by heading and first line."""
    lines = [f"This cell uses {name}, which another cell of the lesson defines. That cell has not"]
    lines += ["been run since the kernel was started. Run first, in this order:", ""]
    for count, n in enumerate(first[:_SHOWN], 1):
        above = [_source(cell) for cell in cells[:n] if cell["cell_type"] == "markdown"]
        headings = re.findall(r"^#+ +(.+)$", "\n".join(above), re.MULTILINE)
        line = next((x for x in _source(cells[n]).splitlines() if x.strip()), "").strip()
        under = f'under "{headings[-1].strip()}", ' if headings else ""
        lines.append(f"  {count}. {under}the cell that begins with: {line}")
    if len(first) > _SHOWN:
        lines.append(f"  ... and {len(first) - _SHOWN} more cells above this one")
    lines += ["", "Or run all cells above: menu Run, Run All Above Selected Cell."]
    return "\n".join(lines)


def advice(source: str, error: NameError, shell: Any) -> str:
    """Return what helps the reader of a lesson against a NameError; "" if nothing is known."""
    name = error.name or ""
    if re.search(rf"^your_\w+ = {re.escape(name)}\b", source, re.MULTILINE) and len(name) == 1:
        return f'Python takes {name} for the name of a variable. Put the letter in quotes: "{name}"'
    parent = getattr(shell, "parent_header", None) or {}
    cell_id = parent.get("metadata", {}).get("cellId", "")
    for cells in _lessons(source, shell.user_ns):
        if first := cells_to_run(cells, source, name, shell.user_ns, cell_id):
            return message(cells, name, first)
    return ""


def _lessons(source: str, names: dict[str, Any]) -> Iterable[list[dict[str, Any]]]:
    """Yield the cells of the notebook that is open, or of the lesson that the cell is from."""
    told = [os.environ.get("JPY_SESSION_NAME"), names.get("__vsc_ipynb_file__")]
    files = [Path(str(one)) for one in told if one]
    if not any(file.is_file() for file in files):
        from islesedu.course.lessons import notebooks_folder

        number = _CHECK.search(source)
        files = sorted(notebooks_folder().glob(f"{number[1] if number else '[0-9]'}*.ipynb"))
    for file in files:
        notebook = json.loads(file.read_text(encoding="utf-8"))
        cells = notebook["cells"]
        same = len(files) <= 2 or any(_source(cell).strip() == source.strip() for cell in cells)
        if "islesedu" in notebook["metadata"] and same:
            yield cells


def show(
    shell: Any, kind: type, error: BaseException, trace: TracebackType, offset: int | None = None
) -> None:
    """Show a NameError: in the cell of a lesson what to run first, elsewhere as Python does."""
    text = ""
    try:
        if kind is NameError and _is_from_a_cell(trace, shell.user_ns):
            text = advice(shell.user_ns["In"][-1], error, shell)
    except Exception:  # the error of the reader must show, whatever happens here
        text = ""
    if text:
        shell._showtraceback(kind, error, [text])
    else:
        shell.showtraceback((kind, error, trace), tb_offset=offset, running_compiled_code=True)


def _is_from_a_cell(trace: TracebackType, names: dict[str, Any]) -> bool:
    """Tell whether the innermost code of a traceback belongs to the notebook, not to a module."""
    while trace.tb_next:
        trace = trace.tb_next
    return trace.tb_frame.f_globals is names


def say_what_to_run_first(shell: Any) -> None:
    """Let a kernel's NameErrors be shown by `show`, unless somebody else shows them already."""
    if shell is not None and not getattr(shell, "custom_exceptions", True):
        shell.set_custom_exc((NameError,), lambda self, *about, tb_offset=None: show(self, *about))
