"""What every event of a case file has in common. No evaluation."""

from datetime import datetime
from typing import Literal

import msgspec


class CaseError(ValueError):
    """The text is no case that this version can evaluate; the message says where and why."""


class CaseTender(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    amount: int | Literal["rest"]


class CaseEvent(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"
):
    at: datetime
    expect: msgspec.Raw = msgspec.Raw(b"{}")
