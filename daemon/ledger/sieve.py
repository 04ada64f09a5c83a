"""A set of keys that says for certain that one is not in it. Pure.

A Bloom filter: it takes two bytes a key, forgets none, and takes one stranger in a few hundred for
one of its own. A sale's id is new nearly always; to know that without asking the disk's index is a
tenth of a commit's time.
"""

ROOM_LEAST = 4096
_BITS_A_KEY = 16
_SHIFTS = (0, 20, 39)  # a key has 63 bits of a digest: three places in up to 16 million


class Sieve:
    def __init__(self, room: int) -> None:
        """`room`: for so many keys at least; more are kept too, and more strangers come through."""
        bits = (max(room, ROOM_LEAST) * _BITS_A_KEY - 1).bit_length()
        self._mask = (1 << bits) - 1
        self._bits = bytearray(1 << bits >> 3)
        self.room = (1 << bits) // _BITS_A_KEY

    def add(self, key: int) -> None:
        bits, mask = self._bits, self._mask
        for shift in _SHIFTS:
            place = key >> shift & mask
            bits[place >> 3] |= 1 << (place & 7)

    def lacks(self, key: int) -> bool:
        """Tell whether the key was certainly never added."""
        bits, mask = self._bits, self._mask
        for shift in _SHIFTS:
            place = key >> shift & mask
            if not bits[place >> 3] >> (place & 7) & 1:
                return True
        return False
