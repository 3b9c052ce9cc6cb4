"""Pictures of a claim: a form of our own drawing with the box numbers that billers know, as SVG and PDF."""

from adapter.picture.claim_form import draw_claims
from adapter.picture.pdf import write_pdf
from adapter.picture.svg import write_svg

__all__ = ["draw_claims", "write_pdf", "write_svg"]
