"""An act on a running box, from outside: through the control socket, to the books and the paper."""

import json

from tests.stage import Stage


def test_an_act_is_done_once_by_a_running_box(stage: Stage):
    before = stage.box("status")["seq"]
    line = {"n": 1, "sku": "ZZ-001", "name": "x", "qty": 2, "list_fen": 200, "paid_fen": 200}
    request = stage.root / "sale.json"
    request.write_text(
        json.dumps(
            {
                "id": "till-1",
                "lines": [{**line, "cls": "regular"}],
                "tenders": [{"code": "cash", "amount_fen": 200}],
            },
            indent=1,
        )
    )
    done = stage.box("act", "sale", str(request))
    assert (done["exit_code"], done["kind"]) == (0, "sale")
    assert stage.box("act", "sale", str(request))["entry"] == done["entry"]
    assert stage.box("status")["seq"] == before + 1
    request.write_text(
        json.dumps({"id": "till-2", "sale": done["entry"], "lines": [{"n": 1, "qty": 3}]})
    )
    refused = stage.box("act", "return", str(request))
    assert (refused["exit_code"], refused["refused"]) == (1, "not_returnable")
    stage.until(stage.in_step, "headquarters to have it")
