"""The reference of the package: a page a room, with what the room offers."""

import ast
import importlib
import inspect
import re
import textwrap
import types
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

from numpydoc.docscrape_sphinx import SphinxDocString
from sphinx.ext.autodoc.mock import _MockObject, mock

HEAVY = ["keras", "tensorflow"]
"""Not imported to read docstrings; conf.py keeps them away from autodoc, too."""
# Annotations such as `KerasTensor | None`, which Sphinx' stand-ins cannot do by themselves.
_MockObject.__or__ = _MockObject.__ror__ = lambda self, other: self


def rooms(package: Path) -> list[str]:
    """Return the names of the rooms, from their folders."""
    folders = {file.parent.name for file in package.glob("*/__init__.py")}
    return sorted(folders - {"common"})


def write_reference(package: Path, folder: Path) -> None:
    """Write a page a room and an overview as reStructuredText."""
    folder.mkdir(parents=True, exist_ok=True)
    names = rooms(package)
    with mock(HEAVY):
        _write_pages(names, folder)


def _write_pages(names: list[str], folder: Path) -> None:
    """Write the pages."""
    lines = ["Reference", "=========", ""]
    lines += [
        "The rooms of the package ``islesedu`` and what each offers. Import from a room, as in",
        "``from islesedu.metrics import dice``. The examples run as tests.",
        "",
    ]
    for name in names:
        module = importlib.import_module(f"islesedu.{name}")
        lines += [f":doc:`islesedu.{name} <{name}>`", f"   {_first_sentence(module.__doc__)}", ""]
        (folder / f"{name}.rst").write_text(_room_page(name, module), encoding="utf-8")
    (folder / "index.rst").write_text("\n".join(lines), encoding="utf-8")


def _first_sentence(text: str) -> str:
    """Return a docstring's first paragraph in one line."""
    return " ".join(text.strip().split("\n\n")[0].split())


def _room_page(name: str, module: types.ModuleType) -> str:
    """Return the page of a room."""
    title = f"islesedu.{name}"
    lines = [
        ":orphan:",
        "",
        title,
        "=" * len(title),
        "",
        _as_rst(inspect.cleandoc(module.__doc__)),
        "",
    ]
    for public in module.__all__:
        thing = getattr(module, public)
        path = f"islesedu.{name}.{public}"
        home = _home(name, public, thing)
        if home != name:
            lines += [f"``{path}`` is :class:`islesedu.{home}.{public}`.", ""]
        elif isinstance(thing, types.ModuleType):
            lines += _module(path, thing)
        else:
            lines += _entry(path, thing)
    return "\n".join(lines) + "\n"


def _home(room: str, public: str, thing: object) -> str:
    """Return the room that describes a name: for a class that of its module, if it offers it."""
    if not inspect.isclass(thing):
        return room
    home = thing.__module__.split(".")[1]
    offered = getattr(importlib.import_module(f"islesedu.{home}"), "__all__", ())
    return home if public in offered else room


def _module(path: str, module: types.ModuleType) -> list[str]:
    """Return the entries of a module that a room offers as such."""
    own = [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == module.__name__
    ]
    lines = [path, "-" * len(path), "", _as_rst(inspect.cleandoc(module.__doc__ or "")), ""]
    for name in own:
        lines += _entry(f"{path}.{name}", getattr(module, name))
    return lines


def _entry(path: str, thing: object) -> list[str]:
    """Return the directive that documents a name."""
    if inspect.isclass(thing):
        # The classes of widgets hide their arguments behind those of a metaclass.
        own = type(thing) is not type and inspect.isfunction(thing.__init__)
        return [f".. autoclass:: {path}{_arguments(thing.__init__) if own else ''}", ""]
    if inspect.isroutine(thing):
        return [f".. autofunction:: {path}", ""]
    room, name = path.split(".")[1:3]
    if isinstance(thing, _MockObject) and name in _definitions(room):  # made with Keras
        return _as_written(room, name, path)
    said = _as_rst(" ".join(_constants(room).get(name, "").split()))
    return [*_heading("data", path), f"   {said}", ""]


def _heading(kind: str, path: str, arguments: str = "") -> list[str]:
    """Return the beginning of an entry that autodoc does not write."""
    module, name = path.rsplit(".", 1)
    return [f".. py:{kind}:: {name}{arguments}", f"   :module: {module}", ""]


def _arguments(function: Callable) -> str:
    """Return the arguments of a method as a signature, without `self` and annotations."""
    signature = inspect.signature(function)
    own = list(signature.parameters.values())[1:]
    bare = [argument.replace(annotation=inspect.Parameter.empty) for argument in own]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def _as_written(room: str, name: str, path: str) -> list[str]:
    """Return the entry of a class or function that is a stand-in, from the module's text."""
    node = _definitions(room)[name]
    is_class = isinstance(node, ast.ClassDef)
    call = next((n for n in node.body if getattr(n, "name", "") == "__init__"), None)
    call = call if is_class else node
    arguments = ""
    if call:
        for argument in ast.walk(call.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        call.args.args = call.args.args[is_class:]  # without self
        arguments = f"({ast.unparse(call.args)})"
    text = str(SphinxDocString(inspect.cleandoc(ast.get_docstring(node) or ""), config={}))
    kind = "class" if is_class else "function"
    return [*_heading(kind, path, arguments), textwrap.indent(text, "   "), ""]


@cache
def _definitions(room: str) -> dict[str, ast.ClassDef | ast.FunctionDef]:
    """Return the classes and functions in the modules of a room, as they are written."""
    folder = Path(importlib.import_module(f"islesedu.{room}").__file__).parent
    bodies = [ast.parse(file.read_text(encoding="utf-8")).body for file in folder.rglob("*.py")]
    kinds = ast.ClassDef | ast.FunctionDef
    return {node.name: node for body in bodies for node in body if isinstance(node, kinds)}


@cache
def _constants(room: str) -> dict[str, str]:
    """Return the texts that stand below constants in the modules of a room."""
    folder = Path(importlib.import_module(f"islesedu.{room}").__file__).parent
    found = {}
    for file in folder.rglob("*.py"):
        body = ast.parse(file.read_text(encoding="utf-8")).body
        for node, after in pairwise(body):
            if not isinstance(node, ast.Assign | ast.AnnAssign):
                continue
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            text = after.value if isinstance(after, ast.Expr) else None
            if isinstance(target, ast.Name) and isinstance(text, ast.Constant):
                found[target.id] = str(text.value)
    return found


def _as_rst(text: str) -> str:
    """Return a docstring with names in code type."""
    return re.sub(r"(?<!`)`([^`\n]+)`(?!`)", r"``\1``", text)
