"""The faults: where Cosmic Ray can put one, and which of those make another program."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_COMPARED = "Eq_NotEq NotEq_Eq Lt_LtE Lt_GtE LtE_Lt LtE_Gt Gt_GtE Gt_LtE GtE_Gt GtE_Lt Is_IsNot IsNot_Is"
_COUNTED = "Add_Sub Sub_Add Mul_Div Div_Mul FloorDiv_Mul Mod_FloorDiv BitOr_BitAnd BitAnd_BitOr"
# The faults people make. Of Cosmic Ray's others many raise an error wherever they stand, which tells nothing.
OPERATORS = (
    "core/AddNot",
    "core/ReplaceUnaryOperator_Delete_Not",
    "core/ReplaceAndWithOr",
    "core/ReplaceOrWithAnd",
    "core/NumberReplacer",
    "core/ReplaceTrueWithFalse",
    "core/ReplaceFalseWithTrue",
    "core/ReplaceBreakWithContinue",
    "core/ReplaceContinueWithBreak",
    "core/ZeroIterationForLoop",
    *(f"core/ReplaceComparisonOperator_{pair}" for pair in _COMPARED.split()),
    *(f"core/ReplaceBinaryOperator_{pair}" for pair in _COUNTED.split()),
)


@dataclass(frozen=True)
class Source:
    """One file of code."""

    path: Path  # within the checkout
    text: str

    @cached_property
    def program(self) -> str:
        """What of it decides anything."""
        return program_of(self.text)


@dataclass(frozen=True)
class Name:
    """A mutant as people write it down: it outlives a move of the file and new lines above."""

    where: str  # the function or class around it; empty: the module
    line: str
    becomes: str


@dataclass(frozen=True)
class Place:
    """Where in a file one operator finds something to change."""

    source: Source
    operator: str
    occurrence: int
    start: tuple[int, int]
    end: tuple[int, int]

    @cached_property
    def mutated(self) -> str:
        """The file with this one fault in it."""
        changed: str = mutate_code(self.source.text, get_operator(self.operator)(), self.occurrence)
        return changed

    @cached_property
    def program(self) -> str | None:
        """The program that it becomes; None: the same as before, or none that can be read."""
        try:
            changed = program_of(self.mutated)
        except SyntaxError:
            return None
        return None if changed == self.source.program else changed

    @cached_property
    def name(self) -> Name:
        """How it is called in ``equal.yaml``."""
        pairs = zip(self.source.text.splitlines(), self.mutated.splitlines(), strict=False)
        number, line, becomes = next((at, *pair) for at, pair in enumerate(pairs, 1) if pair[0] != pair[1])
        return Name(_definition_around(self.source.text, number), _tidy(line), _tidy(becomes))


def places_in(source: Source) -> Iterator[Place]:
    """Every place of the file at which a fault can be put."""
    nodes = tuple(ast_nodes(get_ast(source.text)))
    for operator in OPERATORS:
        finder = get_operator(operator)()
        found = (position for node in nodes for position in finder.mutation_positions(node))
        for occurrence, (start, end) in enumerate(found):
            yield Place(source, operator, occurrence, start, end)


def program_of(text: str) -> str:
    """The code without what decides nothing: types, decorators, the forms in which arguments are given."""
    return ast.dump(_Bare().visit(ast.parse(text)))


class _Bare(ast.NodeTransformer):
    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns, node.decorator_list = None, []
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns, node.decorator_list = None, []
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.decorator_list = []
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        is_for_types = any(isinstance(one, ast.Name) and one.id == "TYPE_CHECKING" for one in ast.walk(node.test))
        return ast.Pass() if is_for_types else self.generic_visit(node)

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        everyone = [*node.posonlyargs, *node.args, *node.kwonlyargs]
        defaults = [one for one in (*node.defaults, *node.kw_defaults) if one is not None]
        names = [ast.arg(one.arg) for one in everyone]
        bare = ast.arguments(posonlyargs=[], args=names, kwonlyargs=[], kw_defaults=[], defaults=defaults)
        return self.generic_visit(bare)


def _definition_around(text: str, line: int) -> str:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    around = [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds) and _spans(node, line)]
    return ".".join(node.name for node in sorted(around, key=lambda node: node.lineno))


def _spans(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _tidy(line: str) -> str:
    """Without comment and doubled spaces, so that neither counts."""
    return " ".join(line.split("  #", maxsplit=1)[0].split())
