"""`rules backtest` on a journal that one looks at: totals, and a bar that says how far it is."""

import os
import pty
import sys
from pathlib import Path

from tests.ledger.shop import open_store, sale
from tests.service.box_config import write_config
from tests.stage import ROOT

SALES = 30


def on_a_terminal(*command: str) -> tuple[int, str]:
    """Run a command of ours on a terminal; return its exit code and all that it showed."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, (sys.executable, "-m", "daemon.cli", *command))
    shown = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()


def test_a_bar_goes_to_its_end_and_the_totals_follow(tmp_path: Path) -> None:
    store = open_store(tmp_path / "state")
    for n in range(SALES):
        store.commit(sale(f"s{n}"))
    whole = store.head.seq
    store.close()
    config = write_config(tmp_path, state=tmp_path / "state")
    pack = str(ROOT / "config" / "packs" / "zhenzi.json")
    code, shown = on_a_terminal("--config", str(config), "rules", "backtest", pack)
    assert code == 0, shown
    assert f"[{'#' * 40}] {whole}/{whole}" in shown
    assert f"{SALES} sales settled once more" in shown
    assert "owed to members" in shown
