"""Packs as the box takes them: a child of its own checks each once, and no verdict is invented."""

import asyncio
import base64
import json
import sys
from pathlib import Path

import pytest

from daemon import seal
from daemon.ledger.codec import canonical
from daemon.packs import FACT, Checked, CheckerError, Packs, checked_apart
from daemon.rules.document import DOMAIN, PackError, open_signed, sign
from daemon.rules.engine import compile_pack
from tests.ledger.shop import open_store
from tests.rules.shop import NOON, ZHENZI, changed

HQ_SEED = bytes(range(32))
HQ = seal.public_key(HQ_SEED)
SIGNED = sign(ZHENZI, HQ_SEED)


def signed_unchecked(**sections: object) -> str:
    """Return a pack that headquarters signed, and that these models refuse."""
    inner = json.loads(changed(**sections))
    inner.pop("$schema", None)
    good = json.loads(SIGNED)
    value = base64.b64encode(seal.sign(HQ_SEED, DOMAIN, canonical(inner))).decode()
    return json.dumps({"pack": inner, "signature": {**good["signature"], "value": value}})


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path)
    yield opened
    opened.close()


async def verdict(packs: Packs, document: str) -> Checked | str | None:
    """Return what look() says once the child has spoken."""
    packs.look(document)
    await packs.heard()
    return packs.look(document)


def test_a_good_pack_is_checked_once_and_is_at_hand_after_a_restart(store):
    async def play() -> None:
        packs = Packs(store, HQ)
        assert packs.look(SIGNED) is None
        seen = await verdict(packs, SIGNED)
        again = Packs(store, HQ).look(SIGNED)
        assert isinstance(seen, Checked) and again == seen
        assert seen.ref == open_signed(SIGNED, HQ).ref
        assert compile_pack(seen.pack, seen.ref).title == json.loads(ZHENZI)["title"]
        assert seen.pack.effective.starts < NOON
        assert (packs.wrong(SIGNED), packs.trouble) == ("", "")

    asyncio.run(play())


def test_the_counter_goes_on_while_a_pack_is_checked(store):
    async def play() -> int:
        packs = Packs(store, HQ)
        turns = 0
        while packs.look(SIGNED) is None:
            turns += 1
            await asyncio.sleep(0.01)
        return turns

    assert asyncio.run(play()) > 5  # the child takes some 0.3 s


def test_a_pack_that_the_models_refuse_is_told_as_rules_check_tells_it(store):
    document = signed_unchecked(prices=[{"id": "x", "take": "nothing"}], colour="red")
    with pytest.raises(PackError) as refused:
        open_signed(document, HQ)

    async def play() -> None:
        packs = Packs(store, HQ)
        assert await verdict(packs, document) == str(refused.value)
        assert packs.wrong(document) == str(refused.value)

    asyncio.run(play())
    assert "colour" in str(refused.value)


@pytest.mark.parametrize("document", ["no json", SIGNED.replace("zhenzi", "zhenxi"), ZHENZI])
def test_what_headquarters_did_not_sign_starts_no_child(store, document):
    async def play() -> object:
        return Packs(store, HQ).look(document)

    assert isinstance(asyncio.run(play()), str)


@pytest.mark.parametrize("spoil", [lambda t: t.replace("special", "swap"), lambda _: "{"])
def test_what_is_kept_is_used_only_as_this_box_sealed_it(store, spoil):
    async def play() -> None:
        packs = Packs(store, HQ)
        good = await verdict(packs, SIGNED)
        kept = store.local.fact(FACT)
        assert kept is not None and spoil(kept) != kept
        store.local.put_fact(FACT, spoil(kept))
        fresh = Packs(store, HQ)
        assert fresh.look(SIGNED) is None
        assert await verdict(fresh, SIGNED) == good

    asyncio.run(play())


def test_other_models_judge_anew(store):
    async def play() -> None:
        await verdict(Packs(store, HQ), SIGNED)
        later = Packs(store, HQ, models="others")
        assert later.look(SIGNED) is None
        await later.stop()

    asyncio.run(play())


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -9 $$", "was ended by signal 9"),
        ("echo no memory >&2; exit 1", "ended with 1: no memory"),
        ("echo nonsense; exit 3", "answer is none"),
        ("exec sleep 30", "took more than 0 s"),
    ],
)
def test_a_child_that_gives_no_verdict_is_said_so(tmp_path, monkeypatch, script, said):
    _let_python_be(tmp_path / "python", script, monkeypatch)
    with pytest.raises(CheckerError, match=said):
        asyncio.run(checked_apart(b"{}", within_s=0.3))


def test_a_machine_that_starts_no_child_is_said_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    with pytest.raises(CheckerError, match="does not start"):
        asyncio.run(checked_apart(b"{}"))


def test_a_check_that_failed_is_tried_again_by_itself(store, tmp_path, monkeypatch):
    told = []

    async def play() -> None:
        packs = Packs(store, HQ, retry_s=0.1)
        packs.on_word(lambda: told.append(packs.trouble))
        with monkeypatch.context() as broken:
            _let_python_be(tmp_path / "python", "kill -9 $$", broken)
            assert await verdict(packs, SIGNED) is None
            assert "cannot be checked" in packs.trouble
        await packs.heard()
        assert isinstance(packs.look(SIGNED), Checked)
        assert packs.trouble == ""

    asyncio.run(play())
    assert [bool(one) for one in told] == [True, False]


def test_a_pack_that_can_never_be_checked_does_not_hold_the_log_up(store, tmp_path, monkeypatch):
    _let_python_be(tmp_path / "python", "kill -9 $$", monkeypatch)

    async def play() -> str | None:
        packs = Packs(store, HQ, retry_s=0.0)
        while (why := packs.wrong(SIGNED)) is None:
            await packs.heard()
        await packs.stop()
        return why

    why = asyncio.run(play())
    assert why is not None and why.startswith("it cannot be checked here: pack zhenzi v")


def _let_python_be(path: Path, script: str, patch: pytest.MonkeyPatch) -> None:
    """Let the next child be a shell script."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    patch.setattr(sys, "executable", str(path))
