"""The house rules as pure functions: source text in, problems out.

tests/test_tidy.py applies them to the project, and shows of each that it can fail.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50

Rule = Callable[[str], list[str]]
AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef

# radar/ may import the standard library less these, and these two packages more.
CORE_PACKAGES = {"msgspec", "numpy", "radar"}
CORE_BANNED_MODULES = {
    *(
        "asyncio",
        "concurrent",
        "ctypes",
        "glob",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "pickle",
        "random",
    ),
    *(
        "secrets",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib",
    ),
    *("uuid", "warnings", "importlib"),
}
CORE_BANNED_CALLS = {
    *("open", "print", "input", "eval", "exec", "breakpoint", "hash", "id"),
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.monotonic"),
}
# Forbidden by docs/glossary.md as words inside a name; `status` only when it stands alone.
FORBIDDEN_NAME_WORDS = {"job", "user", "realtime"}
FORBIDDEN_NAMES = {"status", "timeout"}


def _at(node: ast.AST, text: str) -> str:
    return f"line {getattr(node, 'lineno', 1)}: {text}"


def _functions(tree: ast.AST) -> Iterator[AnyFunction]:
    return (node for node in ast.walk(tree) if isinstance(node, AnyFunction))


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` for such an expression, "" for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return ""


def imported_modules(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield each imported module by its full name; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module or ''}.{alias.name}") for alias in node.names)


def file_is_short(source: str) -> list[str]:
    """A file holds one idea: 400 lines at most."""
    lines = source.count("\n")
    return [f"{lines} lines, {FILE_LINES_MAX} at most"] if lines > FILE_LINES_MAX else []


def functions_are_short(source: str) -> list[str]:
    """A function fits on a screen: 50 lines at most, decorators not counted."""
    return [
        _at(node, f"{node.name}: {size} lines, {FUNCTION_LINES_MAX} at most")
        for node in _functions(ast.parse(source))
        if (size := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]


def core_imports_are_pure(source: str) -> list[str]:
    """radar/ imports the pure part of the standard library, msgspec and numpy, and nothing random of numpy."""
    found = []
    for node, name in imported_modules(ast.parse(source)):
        top = name.split(".")[0]
        known = top in CORE_PACKAGES or top in sys.stdlib_module_names
        if not known or top in CORE_BANNED_MODULES or name.startswith("numpy.random"):
            found.append(_at(node, f"import of {name}"))
    return found


def core_calls_are_pure(source: str) -> list[str]:
    """radar/ opens, prints and logs nothing, asks for no time and no chance, and uses no per-process hash."""
    found = []
    tree = ast.parse(source)
    in_hash = {part for one in _functions(tree) if one.name == "__hash__" for part in ast.walk(one)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node not in in_hash:
            name = dotted(node.func)
            if name in CORE_BANNED_CALLS or ".".join(name.split(".")[-2:]) in CORE_BANNED_CALLS:
                found.append(_at(node, f"call of {name}"))
        elif isinstance(node, ast.Attribute) and dotted(node) in {"np.random", "numpy.random", "os.environ"}:
            found.append(_at(node, f"use of {dotted(node)}"))
    return found


def prints_nothing(source: str) -> list[str]:
    """Only console/ talks to people."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [
        _at(node, "print") for node in calls if dotted(node.func) in {"print", "sys.stdout.write", "sys.stderr.write"}
    ]


def broad_handlers(source: str) -> list[tuple[str, ast.ExceptHandler]]:
    """Return each ``except:``, ``except Exception`` or ``except BaseException`` with the function it stands in."""
    tree = ast.parse(source)
    owner: dict[ast.AST, str] = {}
    for function in _functions(tree):  # outer functions come first, so the innermost one wins
        owner.update(dict.fromkeys(ast.walk(function), function.name))
    handlers = (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler))
    return [(owner.get(node, "<module>"), node) for node in handlers if _is_broad(node.type)]


def _is_broad(kind: ast.expr | None) -> bool:
    if isinstance(kind, ast.Tuple):
        return any(_is_broad(one) for one in kind.elts)
    return kind is None or dotted(kind) in {"Exception", "BaseException"}


def swallows_nothing(source: str) -> list[str]:
    """No error disappears: a handler does more than ``pass``."""
    handlers = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ExceptHandler))
    return [_at(node, "an error swallowed") for node in handlers if all(_does_nothing(line) for line in node.body)]


def _does_nothing(line: ast.stmt) -> bool:
    return isinstance(line, ast.Pass) or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))


def public_names_are_documented(source: str) -> list[str]:
    """The module, its public classes and functions, and their public methods have a docstring."""
    tree = ast.parse(source)
    found = [] if ast.get_docstring(tree) else ["line 1: the module has no docstring"]
    for node in tree.body:
        if isinstance(node, AnyFunction | ast.ClassDef):
            found += _undocumented(node)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found += [text for part in node.body if isinstance(part, AnyFunction) for text in _undocumented(part)]
    return found


def _undocumented(node: AnyFunction | ast.ClassDef) -> list[str]:
    repeats = {"overload", "override", "setter"}  # the first or the parent's docstring serves
    if node.name.startswith("_") or repeats & {dotted(one).split(".")[-1] for one in node.decorator_list}:
        return []
    return [] if ast.get_docstring(node) else [_at(node, f"{node.name} has no docstring")]


def names_are_of_the_glossary(source: str) -> list[str]:
    """Names use the words of docs/glossary.md, none of the forbidden ones."""
    found = []
    for node, name in _declared_names(ast.parse(source)):
        words = set(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_"))
        if name in FORBIDDEN_NAMES or words & FORBIDDEN_NAME_WORDS or {"real", "time"} <= words:
            found.append(_at(node, f"the name {name}"))
    return found


def _declared_names(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield the names a file gives: of functions, classes, arguments, variables and fields."""
    for node in ast.walk(tree):
        if isinstance(node, AnyFunction | ast.ClassDef):
            yield node, node.name
        elif isinstance(node, ast.arg):
            yield node, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node, node.id


def says_live_not_real_time(text: str) -> list[str]:
    """Prose says "live" or gives a number."""
    lines = enumerate(text.splitlines(), 1)
    return [f"line {n}: real-time" for n, line in lines if re.search(r"\breal[- ]?time\b", line, re.IGNORECASE)]


def todos_carry_an_issue(text: str) -> list[str]:
    """A mark for later work carries its issue number, as in ``TODO(#12)``."""
    lines = enumerate(text.splitlines(), 1)
    return [
        f"line {n}: {line.strip()[:60]}" for n, line in lines if re.search(r"#\s*(TODO|FIXME|XXX)(?!\(#\d+\))", line)
    ]


def names_no_machine(text: str) -> list[str]:
    """No path of one machine stands in a tracked file."""
    roots = r"work|farm|root|home/\w+|Users/\w+"
    lines = enumerate(text.splitlines(), 1)
    return [f"line {n}: {line.strip()[:60]}" for n, line in lines if re.search(rf"(?<![\w.])/(?:{roots})/", line)]


def names_no_registry(text: str) -> list[str]:
    """A lock file says what to install, never from where."""
    lines = enumerate(text.splitlines(), 1)
    return [f"line {n}: {line[:60]}" for n, line in lines if re.search(r"https?://|^-{1,2}(i|index|find|extra)", line)]


def tests_assert_and_never_sleep(source: str) -> list[str]:
    """A test shows what it holds, and waits for an event, never for a time."""
    tree = ast.parse(source)
    found = [
        _at(node, "sleep")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node.func).endswith("sleep")
    ]
    for node in _functions(tree):
        shows = re.search(r"\bassert|raises|expect|check|verify|approx|golden", ast.unparse(node))
        if node.name.startswith("test_") and not shows:
            found.append(_at(node, f"{node.name} asserts nothing"))
    return found
