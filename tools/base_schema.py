"""Build the JSON Schema of base R4 from the official definitions.

Made from the snapshots: elements, types, cardinality (required primitives too), choice types, `_x` siblings, primitive
formats, required bindings that can be counted, dispatch on resourceType.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from adapter.conformance.expansion import Terminology, expand_value_set, gather_terminology
from adapter.conformance.form import FORMAT, LANGUAGE_TAG, MEDIA_TYPE

__all__ = ["build_schema"]

Json = dict[str, Any]

_FHIR_TYPE: Final = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
_REGEX: Final = "http://hl7.org/fhir/StructureDefinition/regex"
_SYSTEM: Final = "http://hl7.org/fhirpath/"
_NARROWED: Final = ("SimpleQuantity", "MoneyQuantity")

# Days that a calendar has: the definitions' own expressions let 2026-02-30 pass.
_YEAR: Final = "(?:[0-9](?:[0-9](?:[0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
_LEAP_YEAR: Final = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DAY: Final = (
    f"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    f"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP_YEAR}-02-29)"
)
_CLOCK: Final = (
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
    r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
)
_MONTH: Final = f"{_YEAR}(?:-(?:0[1-9]|1[0-2]))?"
_BASE64: Final = r"[A-Za-z0-9+/]\s*"

# Where the definition's own expression is missing, too lax or slow for a backtracking engine.
_PRIMITIVES: Final[dict[str, Json]] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "unsignedInt": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
    "positiveInt": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    "decimal": {"type": "number"},
    "string": {"type": "string", "minLength": 1},
    "markdown": {"type": "string", "minLength": 1},
    "xhtml": {"type": "string", "minLength": 1},
    "date": {"type": "string", "pattern": f"^(?:{_MONTH}|{_DAY})$"},
    "dateTime": {"type": "string", "pattern": f"^(?:{_MONTH}|{_DAY}(?:{_CLOCK})?)$"},
    "instant": {"type": "string", "pattern": f"^{_DAY}{_CLOCK}$"},
    "base64Binary": {
        "type": "string",
        "pattern": rf"^\s*(?:(?:{_BASE64}){{4}})*(?:(?:{_BASE64}){{2}}(?:=\s*){{2}}|(?:{_BASE64}){{3}}=\s*)?$",
    },
}
_WHITE_SPACE_FREE: Final = r"^\S*$"
# ISO 4217, which R4's value set of currencies names and does not list: list one of its maintenance agency (SIX, published
# 2026-01-01, https://www.six-group.com/en/products-services/financial-information/data-standards.html, carried by iso4217
# 1.16.20260101, PyPI), and codes of list three, no longer in use, that the Java validator lets stand (java.util.Currency, 17):
# an old amount keeps its code.
_CURRENCIES: Final = (
    "ADP AED AFA AFN ALL AMD ANG AOA ARS ATS AUD AWG AYM AZM AZN BAM BBD BDT BEF BGL BGN BHD BIF BMD BND BOB BOV BRL BSD "
    "BTN BWP BYB BYN BYR BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CSD CUC CUP CVE CYP CZK DEM DJF DKK DOP DZD EEK "
    "EGP ERN ESP ETB EUR FIM FJD FKP FRF GBP GEL GHC GHS GIP GMD GNF GRD GTQ GWP GYD HKD HNL HRK HTG HUF IDR IEP ILS INR "
    "IQD IRR ISK ITL JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LUF LVL LYD MAD MDL MGA MGF "
    "MKD MMK MNT MOP MRO MRU MTL MUR MVR MWK MXN MXV MYR MZM MZN NAD NGN NIO NLG NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
    "PTE PYG QAR ROL RON RSD RUB RUR RWF SAR SBD SCR SDD SDG SEK SGD SHP SIT SKK SLE SLL SOS SRD SRG SSP STD STN SVC SYP "
    "SZL THB TJS TMM TMT TND TOP TPE TRL TRY TTD TWD TZS UAH UGX USD USN USS UYI UYU UYW UZS VEB VED VEF VES VND VUV WST "
    "XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XFO XFU XOF XPD XPF XPT XSU XTS XUA XXX YER YUM ZAR ZMK ZMW ZWD ZWG ZWL "
    "ZWN ZWR"
)
# The codes of a system that no value set lists.
_LISTED: Final = {"iso-4217": _CURRENCIES.split()}
# The codes of a value set that have a form and no list.
_FORMED: Final[dict[str, Json]] = {
    "all-languages": {"type": "string", "pattern": LANGUAGE_TAG},
    "mimetypes": {"type": "string", "pattern": MEDIA_TYPE},
    "formats": {"type": "string", "pattern": FORMAT},
}
_MAX_VALUE_SET: Final = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet"
# Where a media type may be the short name of a format of FHIR: "xml | json | ttl | mime type".
_OF_FORMATS: Final = ("CapabilityStatement", "TestScript")


@dataclass(slots=True)
class _Build:
    """What the generator has at hand and what it gathers on its way."""

    terminology: Terminology
    structures: dict[str, Json] = field(default_factory=dict)
    definitions: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, set[str]] = field(default_factory=dict)
    number_names: dict[str, set[str]] = field(default_factory=dict)
    codes: dict[str, Json | None] = field(default_factory=dict)


def build_schema(definitions: list[Json]) -> Json:
    """Build one JSON Schema (draft 2020-12) for all resource and data types among the definitions."""
    build = _Build(gather_terminology(definitions))
    for definition in definitions:
        is_structure = definition["resourceType"] == "StructureDefinition"
        if is_structure and (definition.get("derivation") != "constraint" or definition["id"] in _NARROWED):
            build.structures[definition["id"]] = definition
    resources: list[str] = []
    for name, structure in sorted(build.structures.items()):
        if structure["kind"] == "primitive-type":
            build.definitions[name] = _primitive(name, structure)
        elif name == "Element" or (structure["kind"] in ("complex-type", "resource") and not structure["abstract"]):
            _add_structure(build, structure)
            if structure["kind"] == "resource":
                resources.append(name)
    build.definitions["Resource"] = _dispatch(resources)
    or_null = build.definitions["Element"] | {"type": ["object", "null"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/Resource",
        "$defs": dict(sorted(build.definitions.items())) | {"Element?": or_null},
        "x-choices": _choice_table(build),
        "x-integers": _integer_names(build),
    }


def _primitive(name: str, structure: Json) -> Json:
    if name in _PRIMITIVES:
        return _PRIMITIVES[name]
    value = next(element for element in structure["snapshot"]["element"] if element["path"].endswith(".value"))
    extensions = [extension for kind in value["type"] for extension in kind.get("extension", [])]
    pattern = next(extension["valueString"] for extension in extensions if extension["url"] == _REGEX)
    return {"type": "string", "pattern": _WHITE_SPACE_FREE if pattern == r"\S*" else f"^(?:{pattern})$"}


def _add_structure(build: _Build, structure: Json) -> None:
    """Add the definition of a type and of each backbone element in it."""
    elements = structure["snapshot"]["element"]
    children: dict[str, list[Json]] = {}
    for element in elements[1:]:
        children.setdefault(element["path"].rpartition(".")[0], []).append(element)
    root = elements[0]["path"]
    for path, members in children.items():
        name = structure["id"] + path.removeprefix(root)
        is_resource = structure["kind"] == "resource" and path == root
        build.definitions[name] = _object(build, structure["id"], members, is_resource)


def _object(build: _Build, owner: str, members: list[Json], is_resource: bool) -> Json:
    properties: Json = {}
    required: list[str] = []
    conditions: list[Json] = []
    if is_resource:
        properties["resourceType"] = {"const": owner}
        required.append("resourceType")
    for element in members:
        name = element["path"].rpartition(".")[2]
        variants = _variants(build, owner, element, name)
        for variant, value, is_primitive in variants:
            properties[variant] = value
            if is_primitive:
                properties[f"_{variant}"] = _sibling(value)
        if element["min"] == 0 or element["max"] == "0":
            continue
        names = [key for variant, _, is_primitive in variants for key in (variant, f"_{variant}")[: 1 + is_primitive]]
        if len(names) == 1:
            required.append(names[0])
        else:
            conditions.append(_one_of(name, names))
    schema: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = required
    if conditions:
        schema["allOf"] = conditions
    return schema


def _one_of(name: str, names: list[str]) -> Json:
    """Ask for one of the names so that the error says which element is missing, and not that a branch failed."""
    others = [{"required": [other]} for other in (names if name.endswith("[x]") else names[1:])]
    return {"if": others[0] if len(others) == 1 else {"anyOf": others}, "else": {"required": [name]}}


def _variants(build: _Build, owner: str, element: Json, name: str) -> list[tuple[str, Json, bool]]:
    """Give the JSON names of an element with their schemas and whether each is a primitive with a `_x` sibling."""
    if element["max"] == "0":
        return [(name, False, False)] if not name.endswith("[x]") else []  # type: ignore[list-item] # false is a schema
    is_list = element["max"] != "1"
    if "contentReference" in element:
        target = element["contentReference"].partition("#")[2]
        reference = {"$ref": f"#/$defs/{target}"}
        return [(name, _array(element, reference) if is_list else reference, False)]
    found = []
    for kind in element["type"]:
        code = kind["code"]
        variant = name
        if name.endswith("[x]"):
            variant = name[:-3] + code[0].upper() + code[1:]
            build.choices.setdefault(variant, set()).add(name[:-3])
        type_name = _type_name(owner, element, kind)
        is_primitive = build.structures.get(type_name, {}).get("kind") == "primitive-type"
        build.number_names.setdefault(variant, set()).add(type_name)
        schema = _item_schema(build, element, type_name, is_list and is_primitive)
        has_sibling = is_primitive and not code.startswith(_SYSTEM)
        found.append((variant, _array(element, schema) if is_list else schema, has_sibling))
    return found


def _type_name(owner: str, element: Json, kind: Json) -> str:
    code = str(kind["code"])
    if element["path"] == f"{owner}.id" and element.get("base", {}).get("path") == "Resource.id":
        return "id"
    if code.startswith(_SYSTEM):
        told = [extension for extension in kind.get("extension", []) if extension["url"] == _FHIR_TYPE]
        return str(told[0].get("valueUrl") or told[0].get("valueString")) if told else "string"
    if code in ("BackboneElement", "Element"):
        return f"{owner}.{element['path'].partition('.')[2]}"
    narrowed = [profile.rpartition("/")[2] for profile in kind.get("profile", [])]
    return str(narrowed[0] if narrowed and narrowed[0] in _NARROWED else code)


def _item_schema(build: _Build, element: Json, type_name: str, may_be_null: bool) -> Json:
    codes = _required_codes(build, element, type_name)
    if codes is not None:
        name, schema = codes
        build.definitions[name] = schema
        if may_be_null:
            name += "?"
            build.definitions[name] = _or_null(schema)
        return {"$ref": f"#/$defs/{name}"}
    if may_be_null:
        build.definitions[f"{type_name}?"] = _or_null(_primitive(type_name, build.structures[type_name]))
        return {"$ref": f"#/$defs/{type_name}?"}
    return {"$ref": f"#/$defs/{type_name}"}


def _or_null(schema: Json) -> Json:
    return {"enum": [*schema["enum"], None]} if "enum" in schema else schema | {"type": [schema["type"], "null"]}


def _array(element: Json, schema: Json) -> Json:
    array: Json = {"type": "array", "items": schema, "minItems": max(1, element["min"])}
    if element["max"] not in ("*", "1"):
        array["maxItems"] = int(element["max"])
    return array


def _sibling(schema: Json) -> Json:
    """Give the schema of `_x`: an Element, or an array of Elements and nulls."""
    if schema.get("type") != "array":
        return {"$ref": "#/$defs/Element"}
    return {"type": "array", "items": {"$ref": "#/$defs/Element?"}, "minItems": 1}


def _required_codes(build: _Build, element: Json, type_name: str) -> tuple[str, Json] | None:
    """Give the name and the schema of the codes that an element is held to: their list, or their form."""
    url = _held_to(element.get("binding", {}))
    if url is None or type_name not in ("code", "uri", "string"):
        return None
    name = url.rpartition("/")[2]
    if name in _FORMED:
        if name == "mimetypes" and element["path"].startswith(_OF_FORMATS):
            name = "formats"
        return f"codes:{name}", _FORMED[name]
    if url not in build.codes:
        expansion = expand_value_set(url, build.terminology)
        codes = sorted({code for found in expansion.codes.values() for code in found})
        listed = codes if expansion.is_counted else []
        if not codes and not expansion.open:
            listed = sorted(_LISTED.get("|".join(expansion.forms.values()), ()))
        build.codes[url] = {"enum": listed} if listed else None
    schema = build.codes[url]
    return None if schema is None else (f"codes:{name}", schema)


def _held_to(binding: Json) -> str | None:
    """Give the value set that a code must be of: that of a required binding, else the widest one that a weaker one allows."""
    if binding.get("strength") == "required":
        return str(binding.get("valueSet", "")).partition("|")[0]
    most = [each.get("valueCanonical", "") for each in binding.get("extension", ()) if each["url"] == _MAX_VALUE_SET]
    return str(most[0]).partition("|")[0] if most else None


def _dispatch(resources: list[str]) -> Json:
    """Choose the definition by resourceType in two steps of a dozen, so that errors come from one branch only."""
    size = 12
    groups = [resources[start : start + size] for start in range(0, len(resources), size)]
    branches = [
        {
            "if": {"properties": {"resourceType": {"enum": group}}},
            "then": {
                "allOf": [
                    {"if": {"properties": {"resourceType": {"const": name}}}, "then": {"$ref": f"#/$defs/{name}"}}
                    for name in group
                ]
            },
        }
        for group in groups
    ]
    known = {"type": "object", "required": ["resourceType"], "properties": {"resourceType": {"enum": resources}}}
    return {"if": known, "then": {"allOf": branches}, "else": known}


def _choice_table(build: _Build) -> dict[str, str]:
    """Map each variant of a choice to its element.

    A dozen names are plain elements of other types (Device.property.valueQuantity): there they are arrays, or the only
    element of that stem, so that one table serves.
    """
    return {variant: min(bases) for variant, bases in sorted(build.choices.items())}


def _integer_names(build: _Build) -> list[str]:
    """List the elements that are integers wherever they are numbers."""
    integers = {"integer", "positiveInt", "unsignedInt"}
    return sorted(name for name, types in build.number_names.items() if types & integers and "decimal" not in types)
