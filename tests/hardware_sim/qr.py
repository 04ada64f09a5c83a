"""QR codes as modules: the symbol a printer makes of its stored bytes. No I/O."""

import segno

_ALPHANUMERIC = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def modules(payload: bytes, level: str) -> list[list[bool]]:
    """The smallest symbol of payload at error correction L, M, Q or H; True is black.

    Raises ValueError when payload fits into no symbol.
    """
    mode = "byte"
    if payload.isdigit():
        mode = "numeric"
    elif _ALPHANUMERIC.issuperset(payload):
        mode = "alphanumeric"
    symbol = segno.make_qr(payload, error=level, mode=mode, boost_error=False)
    return [[bool(module) for module in row] for row in symbol.matrix]
