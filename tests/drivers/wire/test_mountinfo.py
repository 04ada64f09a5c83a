"""The kernel's table of mounts: which folder a stick's partition is at, whatever its name."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.wire.mountinfo import mounted_at

TABLE = "22 1 0:21 / /proc rw - proc proc rw\n36 35 8:1 / {} rw,nosuid - vfat /dev/sda1 rw\nshort\n"


@given(st.text("ab \\\t", min_size=1, max_size=9))
def test_where_it_is_mounted_whatever_the_folder_is_called(name):
    written = "".join(f"\\{ord(char):03o}" if char in " \\\t" else char for char in name)
    assert mounted_at(TABLE.format("/media/" + written), "8:1") == "/media/" + name
    assert mounted_at(TABLE.format("/media/" + written), "8:2") is None


def test_mounted_twice_the_last_one_holds():
    table = TABLE.format("/media/old") + TABLE.format("/media/new")
    assert mounted_at(table, "8:1") == "/media/new"
