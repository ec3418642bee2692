"""Call: the PyTorch expression of an item, which can be run and printed from the same description.

`build()` runs a call and `str()` prints it, so an exported script cannot drift from what trains here.
A target is the dotted name of a torch object, or a class or function of ours that uses nothing but what
`ALLOWED` names; `sources()` returns the definitions that a script must copy to run without Glassnet.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import math
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType
from typing import Any

#: The names that code copied into exported scripts may use, besides its own definitions and builtins.
ALLOWED = ("math", "torch", "json", "Path")


class NotCopyable(TypeError):
    """A target that an exported script cannot contain; `target` is what a Call names."""

    target: object = None


#: What is asked of code that is copied.
EXPECTED = "expected nothing but torch, math and definitions of its own package"


@dataclass(frozen=True)
class Name:
    """A variable that is bound when the call is built, and printed as itself."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, init=False)
class Call:
    """`target(*args, **kwargs)`: arguments are literals, functions, Names, Calls, and lists of these."""

    target: str | Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    def __init__(self, target: str | Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        object.__setattr__(self, "target", target)
        object.__setattr__(self, "args", args)
        object.__setattr__(self, "kwargs", kwargs)

    def build(self, **names: Any) -> Any:
        """Run the call with `names` bound."""
        args = [_value(argument, names) for argument in self.args]
        kwargs = {key: _value(argument, names) for key, argument in self.kwargs.items()}
        return self.function(*args, **kwargs)

    @property
    def function(self) -> Callable[..., Any]:
        """The target itself."""
        return _resolve(self.target) if isinstance(self.target, str) else self.target

    def text(self, **names: str) -> str:
        """The call as source text, with `names` substituted."""
        parts = [_text(argument, names) for argument in self.args]
        parts += [f"{key}={_text(argument, names)}" for key, argument in self.kwargs.items()]
        name = self.target if isinstance(self.target, str) else self.target.__name__
        return f"{name}({', '.join(parts)})"

    def __str__(self) -> str:
        return self.text()

    def calls(self) -> Iterator[Call]:
        """This call and every call among its arguments."""
        yield self
        for argument in (*self.args, *self.kwargs.values()):
            yield from _nested(argument)


def sources(calls: list[Call]) -> list[str]:
    """The source of every class and function of ours that the calls need, in order of dependency.

    Import lines of torch that this code relies on are among them. Raises NotCopyable.
    """
    found: dict[object, str] = {}
    for call in calls:
        for nested in call.calls():
            if not isinstance(nested.target, str):
                try:
                    _collect(nested.target, found)
                except NotCopyable as error:
                    error.target = nested.target
                    raise
    return list(found.values())


def _collect(target: Callable[..., Any], found: dict[object, str]) -> None:
    """Add a definition to `found`, after the torch imports and module-level definitions that it names."""
    if target in found:
        return
    try:
        source = textwrap.dedent(inspect.getsource(target))
    except (OSError, TypeError):
        raise NotCopyable(f"{_qualified(target)} has no source here; expected it in a file") from None
    module = inspect.getmodule(target)
    for name in _free_names(source):
        value = getattr(module, name, None)
        if name not in ALLOWED and _is_torchs(value):
            found[name] = _import(name, value)
        elif inspect.isclass(value) or inspect.isfunction(value):
            if _root(value) not in (_root(target), "glassnet"):
                raise NotCopyable(f"{_qualified(target)} uses '{name}' of {value.__module__}; {EXPECTED}")
            if value is not target:
                _collect(value, found)
        elif not (name in ALLOWED or hasattr(builtins, name)):
            raise NotCopyable(
                f"{_qualified(target)} uses '{name}', which an exported script does not have; {EXPECTED}"
            )
    found[target] = source


def _qualified(target: object) -> str:
    return str(getattr(target, "__qualname__", target))


def _root(value: object) -> str:
    """The outermost package that defines a class or function."""
    return str(getattr(value, "__module__", "")).partition(".")[0]


def _is_torchs(value: object) -> bool:
    home = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None)
    return isinstance(home, str) and home.partition(".")[0] == "torch"


def _import(name: str, value: Any) -> str:
    """The import line that binds a torch object to `name`, as in the item's file."""
    if inspect.ismodule(value):
        return f"import {value.__name__} as {name}"
    return f"from {value.__module__} import {value.__name__} as {name}"


def _free_names(source: str) -> list[str]:
    """Names that a definition reads but does not bind, annotations apart, in order of appearance."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    return list(dict.fromkeys(node.id for node in names if node.id not in bound))


def _resolve(dotted: str) -> Any:
    parts = dotted.split(".")
    value: Any = importlib.import_module(parts[0])
    for part in parts[1:]:
        value = getattr(value, part)
    return value


def _value(argument: Any, names: Mapping[str, Any]) -> Any:
    match argument:
        case Call():
            return argument.build(**names)
        case Name():
            return names[argument.name]
        case list() | tuple():
            return type(argument)(_value(part, names) for part in argument)
        case _:
            return argument


def _text(argument: Any, names: Mapping[str, str]) -> str:
    match argument:
        case Call():
            return argument.text(**names)
        case Name():
            return names.get(argument.name, argument.name)
        case list():
            return f"[{', '.join(_text(part, names) for part in argument)}]"
        case tuple():
            inside = ", ".join(_text(part, names) for part in argument)
            return f"({inside}{',' if len(argument) == 1 else ''})"
        case FunctionType() | BuiltinFunctionType():
            return _function_name(argument)
        case float() if not math.isfinite(argument):
            return f'float("{argument}")'
        case _:
            return repr(argument)


def _function_name(function: Callable[..., Any]) -> str:
    """A function as source: where torch has it, or by the name it was defined under. Raises TypeError."""
    name = function.__name__
    for module in ("torch", "torch.nn.functional", "torch.special"):
        if getattr(sys.modules.get(module), name, None) is function:
            return f"{module}.{name}"
    if not name.isidentifier():
        raise NotCopyable("a lambda has no name to be exported under; expected a function made by def")
    return name


def _nested(argument: Any) -> Iterator[Call]:
    match argument:
        case Call():
            yield from argument.calls()
        case FunctionType() if not _is_torchs(argument):
            yield Call(argument)  # for its source
        case list() | tuple():
            for part in argument:
                yield from _nested(part)
