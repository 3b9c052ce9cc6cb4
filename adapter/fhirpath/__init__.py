"""FHIRPath for invariants: expressions compiled once into closures, run on typed nodes of an instance."""

from adapter.fhirpath.compiler import CompiledPath, compile_path
from adapter.fhirpath.environment import Environment
from adapter.fhirpath.faults import CannotRun, PathError
from adapter.fhirpath.nodes import Node, Type, Types, read_types
from adapter.fhirpath.quantity import Quantity
from adapter.fhirpath.temporal import Temporal

__all__ = [
    "CannotRun", "CompiledPath", "Environment", "Node", "PathError", "Quantity", "Temporal", "Type", "Types",
    "compile_path", "read_types",
]
