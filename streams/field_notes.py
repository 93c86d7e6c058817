"""What every field of the contract means, in the words of the code: the docstring that stands under it.

A field without one is told by its type: the docstring of the alias, the enum or the struct it holds.
"""

import ast
import inspect
from functools import lru_cache
from types import ModuleType

import msgspec

from radar.events import common


def field_notes(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the meaning of each field of a struct, its inherited ones too; "" where nobody wrote one."""
    notes: dict[str, str] = {}
    for owner in reversed(struct.__mro__):
        module = inspect.getmodule(owner)
        if module is not None and issubclass(owner, msgspec.Struct) and owner is not msgspec.Struct:
            notes |= _class_notes(module).get(owner.__name__, {})
    return {name: notes.get(name, "") for name in struct.__struct_fields__}


@lru_cache
def _tree(module: ModuleType) -> ast.Module:
    """Return a module's source as a tree."""
    return ast.parse(inspect.getsource(module))


@lru_cache
def _class_notes(module: ModuleType) -> dict[str, dict[str, str]]:
    """Return class -> field -> meaning, for every class of a module."""
    aliases = _documented(_tree(common)) | _documented(_tree(module))
    return {
        found.name: _annotated(found, aliases) for found in ast.walk(_tree(module)) if isinstance(found, ast.ClassDef)
    }


def _documented(tree: ast.Module) -> dict[str, str]:
    """Return the docstring of each class and each assigned name of a module."""
    notes = {found.name: ast.get_docstring(found) or "" for found in tree.body if isinstance(found, ast.ClassDef)}
    for statement, after in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            notes[statement.targets[0].id] = _text_of(after)
    return notes


def _annotated(owner: ast.ClassDef, aliases: dict[str, str]) -> dict[str, str]:
    """Return the meaning of each field declared in a class."""
    notes: dict[str, str] = {}
    for statement, after in zip(owner.body, [*owner.body[1:], ast.Pass()], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names = [found.id for found in ast.walk(statement.annotation) if isinstance(found, ast.Name)]
            of_type = next((aliases[name] for name in names if aliases.get(name)), "")
            notes[statement.target.id] = _text_of(after) or of_type
    return notes


def _text_of(statement: ast.stmt) -> str:
    """Return a bare string statement on one line, "" for any other statement."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        value = statement.value.value
        return " ".join(value.split()) if isinstance(value, str) else ""
    return ""
