"""FHIR in and out: one file per resource, read_ and write_ side by side. Pure; trees live only here and in conformance."""
