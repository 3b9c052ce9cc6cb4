"""The nouns: what travels between rooms. Facts come in, a record with a claim goes out."""

from adapter.terms.answer import (
    ClaimStatus as ClaimStatus,
    ElementFault as ElementFault,
    FileAnswer as FileAnswer,
    InterchangeAnswer as InterchangeAnswer,
    LineStatus as LineStatus,
    SegmentFault as SegmentFault,
    Status as Status,
    StatusReport as StatusReport,
    TransactionAnswer as TransactionAnswer,
)
from adapter.terms.coordination import (
    Adjustment as Adjustment,
    LineDecision as LineDecision,
    PayerDecision as PayerDecision,
)
from adapter.terms.facts import (
    Act as Act,
    Authorisation as Authorisation,
    Charge as Charge,
    CoverageFacts as CoverageFacts,
    Device as Device,
    Diagnosis as Diagnosis,
    Drug as Drug,
    Observation as Observation,
    PractitionerFacts as PractitionerFacts,
    ProviderFacts as ProviderFacts,
    Quantity as Quantity,
    RefillFacts as RefillFacts,
    Service as Service,
    Told as Told,
)
from adapter.terms.parties import (
    Address as Address,
    Facility as Facility,
    Identifier as Identifier,
    Insurance as Insurance,
    Organization as Organization,
    Payer as Payer,
    Person as Person,
    Practitioner as Practitioner,
    Pump as Pump,
    Referral as Referral,
)
from adapter.terms.record import (
    Admission as Admission,
    Attachment as Attachment,
    Claim as Claim,
    CodingAnswer as CodingAnswer,
    CodingRecord as CodingRecord,
    Denial as Denial,
    Documentation as Documentation,
    Dropped as Dropped,
    Element as Element,
    Ndc as Ndc,
    Reason as Reason,
    RestoredRefill as RestoredRefill,
    RestoredService as RestoredService,
    ServiceLine as ServiceLine,
    StatedCode as StatedCode,
    TraceStep as TraceStep,
)
from adapter.terms.remittance import (
    ClaimPayment as ClaimPayment,
    LinePayment as LinePayment,
    ProviderAdjustment as ProviderAdjustment,
    Remittance as Remittance,
    find_standing as find_standing,
)
from adapter.terms.search import (
    Bound as Bound,
    Condition as Condition,
    Match as Match,
    SearchValue as SearchValue,
    SortKey as SortKey,
    ValueMatch as ValueMatch,
)
from adapter.terms.site import (
    Fee as Fee,
    Receiver as Receiver,
    Site as Site,
    SiteDrug as SiteDrug,
    SitePayer as SitePayer,
    Submitter as Submitter,
)

__all__ = [
    "Act", "Address", "Adjustment", "Admission", "Attachment", "Authorisation", "Bound", "Charge", "Claim", "ClaimPayment",
    "ClaimStatus", "CodingAnswer", "CodingRecord", "Condition", "CoverageFacts", "Denial", "Device", "Diagnosis",
    "Documentation", "Dropped", "Drug", "Element", "ElementFault", "Facility", "Fee", "FileAnswer", "Identifier", "Insurance",
    "InterchangeAnswer", "LineDecision", "LinePayment", "LineStatus", "Match", "Ndc", "Observation", "Organization", "Payer",
    "PayerDecision", "Person", "Practitioner", "PractitionerFacts", "ProviderAdjustment", "ProviderFacts", "Pump", "Quantity",
    "Reason", "Receiver", "Referral", "RefillFacts", "Remittance", "RestoredRefill", "RestoredService", "SearchValue",
    "SegmentFault", "Service", "ServiceLine", "Site", "SiteDrug", "SitePayer", "SortKey", "StatedCode", "Status",
    "StatusReport", "Submitter", "Told", "TraceStep", "TransactionAnswer", "ValueMatch", "find_standing",
]
