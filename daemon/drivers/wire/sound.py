"""Beeps: the bytes of a printer's buzzer, and of the kernel's speaker. No I/O.

1B 42 n t                     ESC B: n beeps of t x 50 ms               boards of the Xprinter class
1B 28 41 04 00 30 n c t       ESC ( A: sound n, c beeps of t x 100 ms   Epson
sec usec 0012 0002 hz         EV_SND SND_TONE: on; hz 0: off            linux/input-event-codes.h

Source: Epson's ESC/POS reference, ESC ( A fn 48; esc_pos_utils (ESC B), never tried on hardware.
"""

import struct

TIMES = "NN"  # stands in a profile's `beep` for the number of beeps
_EVENT = struct.Struct("llHHi")
_EV_SND, _SND_TONE = 0x12, 0x02


def printer_beeps(template: str, times: int) -> bytes:
    """Return the command of a profile's `beep`. Raises ValueError for what is not hex."""
    return bytes.fromhex(template.replace(TIMES, f"{times:02x}"))


def tone(hz: int) -> bytes:
    """Return the event that begins a tone; hz 0 ends it."""
    return _EVENT.pack(0, 0, _EV_SND, _SND_TONE, hz)
