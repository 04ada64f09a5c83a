"""Headquarters comes back from a backup: boxes bring what it forgot, and no value is made twice."""

from pathlib import Path

import pytest

from daemon.ledger import accounts
from daemon.wanted import Wanted, What
from hq import adjusting, report, restoring
from hq.headquarters import Headquarters
from hq.imports import import_products
from tests.hq.office import Sender, new_office, take, work_all
from tests.hq.tables import products_csv
from tests.sync.shops import CARD, Shops
from tests.sync.world import Faults


def balance(shops: Shops, holder: str, account: str) -> int:
    row = shops.world.office.db.execute(
        "SELECT coalesce(sum(amount), 0) FROM balance WHERE holder = ? AND account = ?",
        (holder, account),
    ).fetchone()
    return int(row[0])


def heal(shops: Shops) -> None:
    shops.world.heal()
    for box in (shops.home, shops.other):
        for (account, unit, lot, holder), amount in box.ledger.books.balances.items():
            if holder == str(box.ledger.chain):
                row = shops.world.office.db.execute(
                    "SELECT amount FROM balance WHERE account = ? AND unit = ? AND lot = ?"
                    " AND holder = ?",
                    (account, unit, lot, holder),
                ).fetchone()
                assert (row or (0,))[0] == amount, (account, lot)
    way = "SELECT coalesce(sum(abs(amount)), 0) FROM balance WHERE holder LIKE 'transit:%'"
    assert shops.world.office.db.execute(way).fetchone() == (0,)


def test_what_was_granted_after_the_backup_is_not_granted_again(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    office, member = shops.world.office, shops.member(CARD)
    restoring.back_up(office, tmp_path / "backup")
    adjusting.give(office, member, 40, source="click", expires=None)
    shops.run(30)
    asked = Wanted(What.HOLDING, member=member, unit="point", amount=100)
    shops.ask(shops.other, asked)
    shops.home.sell()
    before = shops.points(shops.home, member), shops.points(shops.other, member)
    assert before == (560, 100)
    shops.world.restore_hq(tmp_path / "backup")
    assert report.status(shops.world.office).pool != "open"
    shops.run(1)
    heal(shops)
    assert report.status(shops.world.office).pool == "open"
    assert (shops.points(shops.home, member), shops.points(shops.other, member)) == before
    assert shops.in_all(CARD) == 660
    assert balance(shops, "hq", accounts.LOSS_HQ_RESTORE) == -40, "the lost click is the loss"
    assert [case.kind for case in report.cases(shops.world.office)] == []
    shops.told.clear()
    shops.ask(shops.other, asked)
    assert shops.told[0].answer is not None and shops.told[0].answer.outcome == "granted"
    assert shops.in_all(CARD) == 660


def test_the_pool_stays_closed_until_every_chain_has_confirmed(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    world, member = shops.world, shops.member(CARD)
    adjusting.take(world.office, member, "please.release", 200, reason="recall")
    shops.run(30)
    restoring.back_up(world.office, tmp_path / "backup")
    shops.home.disconnect()
    world.restore_hq(tmp_path / "backup")
    shops.other.disconnect()
    shops.other.connect()
    shops.run(40)
    assert restoring.waiting_for(world.office) == ["0001.1"]
    asked = Wanted(What.HOLDING, member=member, unit="point", amount=100)
    shops.ask(shops.other, asked)
    assert shops.points(shops.other, member) == 0, "the pool may have been given away already"
    shops.home.connect()
    shops.run(60)
    assert restoring.waiting_for(world.office) == []
    shops.ask(shops.other, asked)
    assert shops.points(shops.other, member) == 100


def test_the_pool_waits_for_a_chain_of_which_only_the_end_has_come(tmp_path: Path) -> None:
    """Its first entries were stored before the restore: the box sends them again, later."""
    office = new_office(tmp_path / "hq")
    hq, box = Headquarters(office), Sender(office)
    box.sell(5)
    restoring.raise_incarnation(office)
    take(hq, box.hello())
    assert restoring.waiting_for(office) == ["0001.1"]
    take(hq, box.batch(4, 6))
    work_all(hq)
    assert restoring.waiting_for(office) == ["0001.1"]
    assert office.fact("pool_closed")
    take(hq, box.batch(1, 3), box.hello(incarnation=office.incarnation))
    work_all(hq)
    assert restoring.waiting_for(office) == []
    assert not office.fact("pool_closed")


@pytest.mark.parametrize("seed", range(8))
def test_whenever_it_is_restored_both_sides_agree_again(seed: int, tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    world, random, member = shops.world, shops.world.random, shops.member(CARD)
    random.seed(seed)
    world.faults = Faults(random.randrange(25), random.randrange(25), random.randrange(5))
    backups = 0
    for step in range(60):
        match random.randrange(9):
            case 0 | 1:
                box = random.choice([shops.home, shops.other])
                amount = random.randint(1, 80)
                question = Wanted(What.HOLDING, member=member, unit="point", amount=amount)
                name = box.courier.questions.ask(question, shops.told.append)
                box.courier.questions.ended(name)
            case 2:
                random.choice([shops.home, shops.other]).sell()
            case 3:
                import_products(world.office, products_csv(tmp_path / "p.csv", price=5000 + step))
            case 4 if world.random.randrange(3) == 0:
                backups += 1
                restoring.back_up(world.office, tmp_path / f"backup{backups}")
            case 5 if backups:
                world.restore_hq(tmp_path / f"backup{random.randint(1, backups)}")
            case 6:
                box = random.choice([shops.home, shops.other])
                world.crash_box(box)
            case _:
                for box in (shops.home, shops.other):
                    if not box.online:
                        box.connect()
        world.pass_time(random.randrange(1500))
        world.step()
    heal(shops)
    loss = -balance(shops, "hq", accounts.LOSS_HQ_RESTORE)
    assert shops.in_all(CARD) == 620
    assert loss == 0, "nothing was minted: what moved was known to be somewhere"
