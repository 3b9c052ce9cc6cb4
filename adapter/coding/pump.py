"""Which pump, and is it in the body? The kind decides between 96522 and 96521; the model decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.coding.decision import Decision, Visit, agreed
from adapter.terms import Act, Pump, TraceStep

__all__ = ["PumpKind", "decide_pump"]


@dataclass(frozen=True, slots=True)
class PumpKind:
    """The pump, its class (implanted, portable, port) and whether it is programmable; None where not known.

    `source` is the FHIRPath of its Device.
    """

    pump: Pump | None = None
    place: str | None = None
    is_programmable: bool | None = None
    source: str = ""


def decide_pump(visit: Visit, act: Act) -> Decision[PumpKind]:
    """Decide pump and kind of one act from its Devices.

    A Device that tells neither kind nor route is an accessory where another tells them.
    """
    devices = [visit.facts.devices[position] for position in act.devices]
    telling = [device for device in devices if device.kinds or device.routes] or devices
    unknown = PumpKind()
    if not telling:
        text = "No Device is named as the pump. Expected in focalDevice, usedReference or the administration's device."
        return Decision(unknown, (visit.issue("pump.missing", text, f"{act.source}.focalDevice"),))
    if len(telling) > 1:
        place = _shared_class(visit, [told.value for device in telling for told in device.kinds])
        text = f"The act names {len(telling)} pumps; one was expected. Send one Procedure a pump."
        return Decision(PumpKind(place=place), (visit.issue("pump.contradiction", text, *[device.source for device in telling]),))
    device = telling[0]
    kind = agreed(device.kinds)
    if kind is None:
        rule = "pump.kind-contradiction" if device.kinds else "pump.kind-missing"
        text = "The Device does not tell whether the pump is implanted or portable."
        if device.kinds:
            text = "The Device tells several kinds of pump."
        places = [told.source for told in device.kinds] or [f"{device.source}.type"]
        place = _shared_class(visit, [told.value for told in device.kinds])
        return Decision(PumpKind(device.pump, place, source=device.source), (visit.issue(rule, text, *places),))
    row = visit.tables["pump-kind"].one(None, kind=kind)
    if row is None:
        return Decision(unknown, (visit.issue("pump.kind-missing", "The kind of pump is not known.", f"{device.source}.type"),))
    steps = tuple(TraceStep("pump", kind, told.source, row.id) for told in device.kinds)
    return Decision(PumpKind(device.pump, row.text("class"), row.then["programmable"] is True, device.source), (), steps)


def _shared_class(visit: Visit, kinds: list[str]) -> str | None:
    """Give the class that all told kinds share: two kinds of implanted pump are a contradiction, and implanted both."""
    classes = {row.text("class") for kind in kinds if (row := visit.one("pump-kind", kind=kind))}
    return classes.pop() if len(classes) == 1 else None
