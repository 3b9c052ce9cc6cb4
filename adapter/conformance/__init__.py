"""Conformance: is this tree what FHIR R4 and the profiles say? Pure: definitions come in as trees, issues go out."""
