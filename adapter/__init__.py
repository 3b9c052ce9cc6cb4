"""The FHIR interoperability adapter for implantable drug-pump refills."""

__all__ = ["__version__"]

__version__ = "0.1.0"
