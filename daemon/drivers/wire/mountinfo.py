"""Where a block device is mounted, from the kernel's table. No I/O.

36 35 8:1 / /media/memberbox rw,nosuid - vfat /dev/sda1 rw,...      proc(5), /proc/PID/mountinfo

The third field is the device's number, the fifth the folder, spaces and the like written \\040.
"""

import re

_OCTAL = re.compile(r"\\([0-7]{3})")


def mounted_at(table: str, number: str) -> str | None:
    """Return the folder that the device major:minor is mounted at; the last one if at several."""
    folder = None
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) > 5 and fields[2] == number:
            folder = _OCTAL.sub(lambda found: chr(int(found[1], 8)), fields[4])
    return folder
