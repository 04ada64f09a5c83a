"""What a box of the demo shop has in its state directory: goods, members, rules. Made on the host.

A chain of real processes lives for a moment; the files are of no machine's kind.
"""

import shutil
import tempfile
import tomllib
from pathlib import Path

from tests.hardware_sim.demo_shop import DemoShop
from tests.stage import Stage

HQ_KEY = "hq.key"  # beside the config: headquarters' public key, without which no rules hold


def stock(state: Path, beside: Path) -> None:
    """Fill `state` with a box that has got everything from headquarters and was stopped.

    `beside` gets what lies beside its config.
    """
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        stage.set_up()
        assert stage.stop("box") == 0
        shutil.copytree(stage.bench_dir / "state", state)
        beside.mkdir(parents=True, exist_ok=True)
        for path in stage.config.parent.glob("memberbox*.recovery"):
            shutil.copy(path, beside)
        key = tomllib.loads(stage.config.read_text("utf-8"))["hq"]["key"]
        (beside / HQ_KEY).write_text(key)


def shop() -> dict[str, object]:
    """Return the [shop] of that box."""
    made = DemoShop()
    about = made.shop
    return {
        **{name: about[name] for name in ("no", "name", "address", "phone")},
        "chain": made.chain,
        "language": "zh_CN",
        "timezone": "Asia/Shanghai",
    }
