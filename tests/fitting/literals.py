"""The costs in the parser's source as parameters: each number there is one, and sums remember which they add up.

`track` must be called before `reader.parsing` is imported.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from importlib.util import spec_from_file_location
from math import isinf
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final, NamedTuple

FILES: Final = ("layouts", "scoring", "states")
"""The files of `reader/parsing` whose numbers are costs."""
FOLDER: Final = Path(__file__).parents[2] / "reader" / "parsing"
_FIXED: Final = ("RULED_OUT", "_SLACK")
"""Names of numbers that are no costs."""


class Literal(NamedTuple):
    """A number in the source: its file, line, first and last column in bytes, and its value."""

    path: Path
    line: int
    start: int
    end: int
    value: float


literals: list[Literal] = []
"""The parameters: every number of the files that have been imported."""


class Cost(float):
    """A cost that knows how often each parameter is part of it."""

    parts: dict[int, float]

    def __new__(cls, value: float, parts: dict[int, float]) -> Cost:
        """A cost of this value and these parts, by the index of their parameter."""
        cost = super().__new__(cls, value)
        cost.parts = parts
        return cost

    def _joined(self, other: float, sign: int) -> float:
        if isinf(other):
            return other
        parts = dict(self.parts)
        for index, times in parts_of(other).items():
            parts[index] = parts.get(index, 0.0) + sign * times
        return Cost(float(self) + sign * float(other), parts)

    def __add__(self, other: float) -> float:
        return self._joined(other, 1)

    __radd__ = __add__

    def __sub__(self, other: float) -> float:
        return self._joined(other, -1)

    # Equal costs of different parts differ, and a cost of 0 counts: the compiler of layouts looks at both.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and float(self) == float(other) and self.parts == parts_of(other)

    def __hash__(self) -> int:
        return hash((float(self), *self.parts))

    def __bool__(self) -> bool:
        return True


def parts_of(cost: float) -> dict[int, float]:
    """How often each parameter is part of a cost."""
    return cost.parts if isinstance(cost, Cost) else {}


class _Tracker(ast.NodeTransformer):
    """Replaces the numbers of a file by costs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None and not (isinstance(node.target, ast.Name) and node.target.id in _FIXED):
            node.value = self.visit(node.value)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node  # The default of a cost that no row of the table names.

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return self._tracked(node, -1, node.operand.value)
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return self._tracked(node, 1, node.value)

    def _tracked(self, node: ast.expr, sign: int, value: object) -> ast.AST:
        if not isinstance(value, float) or node.end_col_offset is None:
            return node
        literals.append(Literal(self._path, node.lineno, node.col_offset, node.end_col_offset, sign * value))
        part = ast.Dict([ast.Constant(len(literals) - 1)], [ast.Constant(1.0)])
        call = ast.Call(ast.Name("Cost", ast.Load()), [ast.Constant(sign * value), part], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        # Always from the source: the compiled file has plain numbers.
        tree = _Tracker(Path(self.path)).visit(ast.parse(self.get_data(self.path)))
        return compile(tree, self.path, "exec")

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["Cost"] = Cost
        super().exec_module(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        package, _, name = fullname.rpartition(".")
        if package != "reader.parsing" or name not in FILES:
            return None
        file = str(FOLDER / f"{name}.py")
        return spec_from_file_location(fullname, file, loader=_Loader(fullname, file))


def track() -> None:
    """From now on, import the parser with its costs as parameters."""
    sys.meta_path.insert(0, _Finder())


def write(values: Sequence[float]) -> int:
    """Write the parameters' new values into the source, rounded to tenths; return how many have changed."""
    sources = {literal.path: literal.path.read_bytes().split(b"\n") for literal in literals}
    changed = 0
    # From the last to the first, so that columns stay true.
    for literal, value in sorted(zip(literals, values, strict=True), reverse=True):
        if abs(value - literal.value) > 0.05:
            lines = sources[literal.path]
            line = lines[literal.line - 1]
            new = f"{round(value, 1) + 0.0:.1f}".encode()
            lines[literal.line - 1] = line[: literal.start] + new + line[literal.end :]
            changed += 1
    for path, lines in sources.items():
        path.write_bytes(b"\n".join(lines))
    return changed
