"""ChargeItem, and Procedures that are no act on the pump: the other services of the day and the prices."""

from __future__ import annotations

from decimal import Decimal

from adapter.fhir.billing_code import CODE, keep_sound
from adapter.fhir.chart import Chart
from adapter.fhir.datatypes import children, own_extension_codes, read_day, read_decimal
from adapter.fhir.encounter import read_locations, read_places
from adapter.fhir.performer import read_practitioners
from adapter.fhir.procedure import read_days, read_modifiers, read_service_codes
from adapter.fhir.references import Found, Tree
from adapter.fhir.visit import VisitSource
from adapter.terms import Charge, Service

__all__ = ["joins_visit", "read_charge", "read_service"]


# Statuses of a Procedure, and of a ChargeItem, that say that the service was done.
_SETTLED = ({"completed"}, {"billable", "billed"})
_LOINC = "http://loinc.org"
# LOINC types of documents that tell of the procedure or of leave for it: consent, note of a procedure, of an operation.
_OTHER_NOTES = {"59284-0", "28570-0", "11504-8"}
_OTHER_WORDS = ("consent", "procedure note", "operative note", "printout", "print-out")
_DAY = {"ChargeItem": "occurrence", "MedicationAdministration": "effective"}


def joins_visit(chart: Chart, found: Found, visit: VisitSource) -> bool:
    """Tell whether a Procedure or ChargeItem is of the visit's patient and day; a charge that may be is an issue.

    FHIR: .subject; .performed[x] or .occurrence[x] on one day, else ChargeItem.service, else .encounter or .context.
    """
    joins = _joins(chart, found, visit)
    tree, path = found
    if joins is None and tree.get("resourceType") == "ChargeItem" and chart.in_force(found):
        family = {code for name in ("asserted", "drug") for row in chart.tables[name].rows for code in row.when["code"]}
        is_ours = any(told.value in family for told in read_service_codes(tree, path))
        text_ = "The charge is the patient's, and neither its day nor its service nor its encounter tells of which visit."
        chart.say("charge.unlinked" if is_ours else "service.unlinked", text_, path)
    return joins is True


def _joins(chart: Chart, found: Found, visit: VisitSource) -> bool | None:
    """Tell whether a service belongs to the visit; None where nothing tells."""
    tree, path = found
    act = visit.acts[0]
    subject = [where for _, where in chart.follow(tree, "subject", path, "Patient")]
    if act.patient is None or act.patient[1] not in subject:
        return False
    is_charge = tree.get("resourceType") == "ChargeItem"
    days = {told.value for told in read_days(chart, tree, _DAY.get(str(tree.get("resourceType")), "performed"), path)}
    served = chart.follow(tree, "service", path, "Procedure", "MedicationAdministration") if is_charge else []
    of_visit = any(where in {one.path for one in visit.acts} or _joins(chart, (one, where), visit) for one, where in served)
    if days and act.day not in days:
        is_apart = act.day is None or len(days) == 1 or not min(days) < act.day < max(days)
        return False if is_apart and not of_visit else None
    if len(days) == 1 or of_visit or (days and not is_charge):
        return True
    context = chart.follow(tree, "context" if is_charge else "encounter", path, "Encounter")
    if not days and context:
        ours = {place for _, place in visit.encounters}
        joined = [one for one in context if one[1] in ours]
        return _of_shared(chart, found, (joined[0], visit)) if joined else False
    return None


def _of_shared(chart: Chart, found: Found, where: tuple[Found, VisitSource]) -> bool | None:
    """Tell whether an undated service of an Encounter is of this visit: where others share it, the one day of its period tells.

    FHIR: Encounter.period.
    """
    (encounter, place), visit = where
    rivals = visit.rivals.get(place)
    if rivals is None:
        return True
    told = encounter.get("period", {})
    days = [read.day for name in ("start", "end") if (read := read_day(told.get(name, ""), chart.site.time_zone))]
    day = days[0] if len(days) == 2 and days[0] == days[1] else None
    if day is not None and (day == visit.acts[0].day) != (day in rivals):
        return day == visit.acts[0].day
    if chart.in_force(found):
        text_ = "The service tells no day, and its Encounter is that of several visits: of which one it is, is not told."
        chart.say("service.visit-ambiguous", text_, found[1])
    return None


def read_service(chart: Chart, found: Found, encounters: list[str], devices: tuple[int, ...]) -> Service | None:
    """Read a Procedure or ChargeItem with a CPT or HCPCS code as a service of the day.

    FHIR: .code, extension modifier, .performer, Procedure.location, ChargeItem.quantity, the note: DocumentReference in
    ChargeItem.supportingInformation, or of the encounter with this service in context.related, or the only one of the encounter.
    """
    resource, path = found
    codes = keep_sound(chart, read_service_codes(resource, path), CODE)
    if not codes:
        return None
    if len({told.value for told in codes}) > 1:
        chart.say("service.contradiction", "One service carries several CPT or HCPCS codes.", *[told.source for told in codes])
    is_charge = resource.get("resourceType") == "ChargeItem"
    if (status := resource.get("status")) not in _SETTLED[is_charge]:
        chart.say("service.not-completed", "Whether the service was done, and whole, its status does not tell.", f"{path}.status")
    elif status == "billed":
        chart.say("charge.billed-before", "The ChargeItem says that it was placed on a claim before.", f"{path}.status")
    if is_charge and read_decimal(resource.get("factorOverride", 1)) != 1:
        chart.say("charge.factor", "The ChargeItem asks for a factor on its price.", f"{path}.factorOverride")
    return Service(
        source=codes[0].source,
        code=codes[0].value,
        modifiers=read_modifiers(chart, resource, path),
        units=_units(resource) if is_charge else Decimal(1),
        note=_note(chart, found, encounters),
        devices=devices,
        is_charge=is_charge,
        counted_at=f"{path}.quantity" if is_charge else "",
        places=read_places(read_locations(chart, found, chart.follow(resource, "encounter", path, "Encounter"))),
        practitioners=tuple(read_practitioners(chart, found, [])),
    )


def _note(chart: Chart, found: Found, encounters: list[str]) -> str | None:
    resource, path = found
    for note, where in chart.follow(resource, "supportingInformation", path, "DocumentReference"):
        if _may_be_of_visit(note):
            return where
    for note, where in chart.all("DocumentReference"):
        if not _may_be_of_visit(note):
            continue
        for context, place in children(note, where, "context"):
            related = [target for _, target in chart.follow(context, "related", place)]
            of_visit = any(target in encounters for _, target in chart.follow(context, "encounter", place, "Encounter"))
            if path in related or (of_visit and not related):
                return where
    return None


def _may_be_of_visit(note: Tree) -> bool:
    """Tell whether a document may be the note of a separate visit.

    A consent, a note of a procedure and a printout never are.
    FHIR: DocumentReference.type and .category, by LOINC code, or by their words.
    """
    concepts = [concept for name in ("type", "category") for concept, _ in children(note, "", name)]
    codings = [coding for concept in concepts for coding in concept.get("coding", ())]
    words = " ".join([*(one.get("text", "") for one in concepts), *(one.get("display", "") for one in codings)]).lower()
    is_other = any(coding.get("system") == _LOINC and coding.get("code") in _OTHER_NOTES for coding in codings)
    return not is_other and not any(word in words for word in _OTHER_WORDS)


def read_charge(found: Found) -> Charge | None:
    """Read the price that a ChargeItem gives for its code: priceOverride, the total of the item in US dollars."""
    resource, path = found
    codes = read_service_codes(resource, path)
    price = resource.get("priceOverride", {})
    amount = read_decimal(price.get("value"))
    if not codes or amount is None:
        return None
    is_waste = "JW" in {told.value for told in own_extension_codes(resource, "modifier", path)}
    return Charge(f"{path}.priceOverride", codes[0].value, amount, price.get("currency"), _units(resource), is_waste)


def _units(resource: Tree) -> Decimal | None:
    return read_decimal(resource.get("quantity", {}).get("value"))
