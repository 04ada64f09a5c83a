"""What every event of a case file has in common. No evaluation."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

NUMBER_MAX = 10**12  # fen, points, pieces: no shop of an example has more

Amount = Annotated[int, msgspec.Meta(ge=0, le=NUMBER_MAX)]
Number = Annotated[int, msgspec.Meta(ge=-NUMBER_MAX, le=NUMBER_MAX)]


class CaseError(ValueError):
    """The text is no case that this version can evaluate; the message says where and why."""


class CaseTender(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    amount: Number | Literal["rest"]


class CaseEvent(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"
):
    at: datetime
    expect: msgspec.Raw = msgspec.Raw(b"{}")
