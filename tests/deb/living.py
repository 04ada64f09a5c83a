"""A box that is installed in a house: it serves for a moment, sells, and is asked for its books."""

import json
import sqlite3
from contextlib import closing

from tests.deb.house import House

STATE = "/var/lib/memberbox"
CONFIG = "/etc/memberbox/memberbox.toml"
BOX = """
[box]
id = "0018"
[shop]
no = "0018"
name = "示范店"
chain = "示范"
address = "广州"
phone = "020-0000 0018"
language = "zh_CN"
timezone = "Asia/Shanghai"
[counter]
operator = "02"
"""
AS_THE_BOX = ("setpriv", "--reuid=memberbox", "--regid=memberbox", "--init-groups")
FEN = 10000


def configure(house: House) -> None:
    """Give the box its config, as provisioning would leave it."""
    house.write(CONFIG, BOX)
    house.must("chown", "root:memberbox", CONFIG)


def serve(house: House, then: str = "true") -> None:
    """Run the box as its unit would until it serves, then a command; prove its books at the end."""
    house.path("/run/memberbox").mkdir(parents=True, exist_ok=True)
    house.must("chown", "memberbox:memberbox", "/run/memberbox")
    house.must(
        "timeout", "--signal=TERM", "60", *AS_THE_BOX,
        "env", f"STATE_DIRECTORY={STATE}", "RUNTIME_DIRECTORY=/run/memberbox",
        "sh", "-c", "memberbox run & box=$!; for i in $(seq 300); do sleep 0.1; "
        f"memberbox status >/dev/null 2>&1 && break; done; {then}; said=$?; "
        "kill -TERM $box; wait $box && exit $said",
    )  # fmt: skip
    assert json.loads(house.must("memberbox", "--json", "verify", "--full"))["ok"]


def sell(house: House, name: str) -> None:
    """Serve, and sell one thing for cash, as a till beside the box does."""
    line = {"n": 1, "sku": "ZZ-1", "name": "水", "cls": "regular", "qty": 1}
    request = {
        "id": name,
        "source": "till",
        "lines": [{**line, "list_fen": FEN, "paid_fen": FEN}],
        "tenders": [{"code": "cash", "amount_fen": FEN}],
    }
    house.write("/tmp/sale.json", json.dumps(request))
    serve(house, then="memberbox act sale /tmp/sale.json")
    last = [entry for entry in entries(house) if entry["kind"] == "sale"][-1]
    assert last["id"] == name


def entries(house: House) -> list[dict[str, object]]:
    said = json.loads(house.must("memberbox", "--json", "journal", "tail", "--count", "100"))
    found: list[dict[str, object]] = said["entries"]
    return found


def schema(house: House, name: str) -> int:
    """Return the number of the last step that was done to a database of the box."""
    with closing(sqlite3.connect(house.path(f"{STATE}/{name}.db"))) as database:
        (number,) = database.execute("PRAGMA user_version").fetchone()
    return int(number)
