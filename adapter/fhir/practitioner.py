"""Practitioner: who treated, as a member of a claim's care team."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.fhir.datatypes import children, codes, positive
from adapter.fhir.elements import check_npis, filled, identifiers, read_name, write_concept, write_identifier, write_name
from adapter.fhir.reading import Reading
from adapter.fhir.references import Found, Tree
from adapter.fhir.systems import NPI, NUCC
from adapter.issues import Severity
from adapter.terms import Claim, Practitioner

__all__ = ["read_care_team", "read_practitioner", "write_care_team", "write_practitioner"]

_ROLE = "http://terminology.hl7.org/CodeSystem/claimcareteamrole"
# R4's code system has no code for who renders or attends: the provider of the service is its primary one. Others name them
# by codes of their own under this system: they are read.
_PRIMARY, _SUPERVISOR = "primary", "supervisor"
_ROLES = {"professional": ("rendering", _PRIMARY), "institutional": ("attending", _PRIMARY)}


def write_practitioner(practitioner: Practitioner) -> Tree:
    """Write who treated as a Practitioner.

    FHIR: Practitioner.name, .identifier (NPI). X12: 2310B NM1*82, 2310A NM1*71.

    >>> write_practitioner(Practitioner("Sample", npi="1882999901"))["identifier"][0]["value"]
    '1882999901'
    """
    return filled(
        resourceType="Practitioner",
        identifier=[write_identifier(NPI, practitioner.npi)] if practitioner.npi else None,
        name=[write_name(practitioner.family, practitioner.given, practitioner.suffix)],
    )


def write_care_team(claim: Claim, treating: Tree, supervising: Tree) -> list[Tree]:
    """Write the care team: who treated (the primary one), who supervised.

    `treating` and `supervising` are the references to them.

    FHIR: Claim.careTeam.provider, .role, .qualification (NUCC taxonomy, where R4 gives a claim a place for it).
    """
    members = ((claim.treating_provider, _PRIMARY, treating), (claim.supervising_provider, _SUPERVISOR, supervising))
    return [
        filled(
            sequence=place,
            provider=reference,
            role=write_concept(_ROLE, role),
            qualification=write_concept(NUCC, one.taxonomy) if one.taxonomy else None,
        )
        for place, (one, role, reference) in enumerate((member for member in members if member[0]), 1)
        if one
    ]


def read_care_team(claim: Found, form: str, reading: Reading) -> tuple[Practitioner | None, Practitioner | None]:
    """Read who treated and who supervised from Claim.careTeam; None for who treated: then the billing provider did.

    The role decides (rendering or attending, else primary); other members are not carried, and a warning says so.
    The taxonomy stands in careTeam.qualification, else in the PractitionerRole.specialty that the member refers to.
    """
    tree, path = claim
    members = children(tree, path, "careTeam")
    _check_sequences(members, reading)
    for role in _ROLES[form]:
        chosen = [one for one in members if role in codes(one[0].get("role"), _ROLE)]
        if chosen:
            break
    supervisors = [one for one in members if _SUPERVISOR in codes(one[0].get("role"), _ROLE)]
    for member, where in members:
        if not codes(member.get("role"), _ROLE):
            text = f"The member's role is missing; {_ROLES[form][0]} or another code of {_ROLE} was expected."
            reading.error("care-team.role", f"{where}.role", text)
        elif member not in [one for one, _ in (*chosen, *supervisors)]:
            note = "This member of the care team is not carried on the claim: only who treated and who supervised are."
            reading.note(Severity.WARNING, "care-team.not-carried", where, note)
    if len(chosen) > 1 or len(supervisors) > 1:
        text = "Several members of the care team have one role; a claim carries one of each. Leave one."
        reading.error("care-team.several", f"{path}.careTeam", text)
    treating = _read_member(chosen[0], reading) if len(chosen) == 1 else None
    return treating, _read_member(supervisors[0], reading) if len(supervisors) == 1 else None


def _check_sequences(members: Sequence[Found], reading: Reading) -> None:
    seen: set[int] = set()
    for member, where in members:
        sequence = positive(member.get("sequence"))
        if sequence is None or sequence in seen:
            reading.error("care-team.sequence", f"{where}.sequence", "A number of its own, 1 or more, was expected.")
        seen.add(sequence or 0)


def _read_member(member: Found, reading: Reading) -> Practitioner | None:
    tree, path = member
    found = reading.follow(tree, path, "provider")
    if found is None:
        if tree.get("provider") is None:
            reading.missing("care-team.provider-missing", f"{path}.provider", "The care team member's provider")
        return None
    taxonomies = codes(tree.get("qualification"), NUCC)
    if found[0].get("resourceType") == "PractitionerRole":
        specialties = [code for one, _ in children(found[0], "", "specialty") for code in codes(one, NUCC)]
        taxonomies = taxonomies or tuple(dict.fromkeys(specialties))
        role, found = found, reading.follow(*found, "practitioner")
        if found is None:
            reading.missing("care-team.provider-missing", f"{role[1]}.practitioner", "The Practitioner of the role")
            return None
    return read_practitioner(found, taxonomies, reading)


def read_practitioner(found: Found, taxonomies: tuple[str, ...], reading: Reading) -> Practitioner | None:
    """Read a Practitioner, whose taxonomy codes stand where it is referred to."""
    if found[0].get("resourceType") != "Practitioner":
        text = "The treating provider is no Practitioner. Refer to a Practitioner or a PractitionerRole."
        reading.error("care-team.not-a-practitioner", found[1], text)
        return None
    numbers = identifiers(found[0], [NPI])
    check_npis(found, reading)
    if len(numbers) > 1 or len(taxonomies) > 1:
        text = "Several NPIs or several taxonomy codes of the treating provider; one of each was expected."
        reading.error("care-team.identity", found[1], text)
    name = read_name(found, reading)
    if name is None:
        return None
    return Practitioner(*name, numbers[0].value if numbers else None, taxonomies[0] if taxonomies else None)
