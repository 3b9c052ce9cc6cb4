"""What schemathesis is to know of X12: a body is text, sent as it is."""

import schemathesis

__all__ = ["write_text"]


@schemathesis.serializer("application/edi-x12")
def write_text(ctx, value):
    return str(value).encode("utf-8", "replace")
