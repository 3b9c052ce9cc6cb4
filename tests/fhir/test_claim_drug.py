"""A drug package is eleven digits, a quantity and a unit that X12 knows, or an issue."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapter.fhir.claim_drug import NDC_UNITS, read_ndc, write_ndc
from adapter.fhir.reading import Reading
from adapter.terms import Ndc


@pytest.mark.parametrize("unit", sorted(NDC_UNITS))
def test_every_unit_comes_back_as_it_went(unit: str) -> None:
    ndc = Ndc("98765432101", Decimal("1.50"), unit, "RX1")
    reading = Reading({}, "")
    assert read_ndc(({"detail": [write_ndc(ndc)]}, "Claim.item[0]"), reading) == ndc
    assert reading.issues == []


def test_a_vial_is_a_unit_and_a_unit_without_its_system_is_refused() -> None:
    detail = write_ndc(Ndc("98765432101", Decimal(1), "UN"))
    reading = Reading({}, "")
    vial = {**detail, "quantity": {**detail["quantity"], "code": "{vial}"}}
    found = read_ndc(({"detail": [vial]}, "Claim.item[0]"), reading)
    assert found is not None
    assert found.unit == "UN"
    bare = {**detail, "quantity": {"value": Decimal(1), "unit": "ML"}}
    assert read_ndc(({"detail": [bare]}, "Claim.item[0]"), reading) is None
    assert [(issue.rule, issue.expression) for issue in reading.issues] == [
        ("item.ndc-unit", ("Claim.item[0].detail[0].quantity.code",))]
