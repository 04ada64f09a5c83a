"""Write the generated part of docs/COUNTER.md from the tables of the counter.

python -m tests.counter.diagram
"""

from collections.abc import Iterator
from pathlib import Path

from daemon.counter.codes import STEPS, Ask
from daemon.counter.forms import End, Script, Step, Takes
from daemon.counter.scripts import inner_scripts, scripts
from daemon.counter.table import EVENTS, STATES, TABLE
from daemon.display.asks import ASKED

PAGE = Path(__file__).parents[2] / "docs" / "COUNTER.md"
BEGIN, END = "<!-- generated: python -m tests.counter.diagram -->", "<!-- end of generated -->"
ENDS = {
    End.ENTRY: "entry",
    End.TOTAL: "total, then entry",
    End.DESK: "desk",
    End.NOTED: "entry, then desk",
}


def main() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{generated()}{after}", encoding="utf-8")


def generated() -> str:
    """Return the generated part, both marks included."""
    lines = [BEGIN, "", *_basket(), *_flows(), *_machine(), END]
    return "\n".join(lines)


def _basket() -> Iterator[str]:
    """Yield the steps that are no flow's: they show what a key in the basket or the total began."""
    of_flows = {step.ask for script in (*scripts(), *inner_scripts()) for step in script.steps}
    yield "### Basket and total"
    yield ""
    yield "| step | waits for |"
    yield "| --- | --- |"
    for ask in sorted(STEPS, key=lambda ask: STEPS[ask]):
        if ask not in of_flows:
            yield f"| {STEPS[ask]} | {ASKED[ask].zh} |"
    yield ""


def _flows() -> Iterator[str]:
    for script in (*scripts(), *inner_scripts()):
        yield f"### `/{script.digit}` {script.name}" if script.digit else f"### {script.name}"
        yield ""
        yield "| step | asks | answered by | leads to |"
        yield "| --- | --- | --- | --- |"
        for step in script.steps:
            leads = ", ".join(_name(lead) for lead in step.leads)
            yield f"| {STEPS[step.ask]} | {_asks(step)} | {_takes(step.takes)} | {leads} |"
        yield ""
        yield from _mermaid(script)


def _asks(step: Step) -> str:
    asked = ASKED[step.ask]
    choices = "; ".join(
        f"`{row.key}` {asked.choices[row.key][0] if row.key in asked.choices else ''}".rstrip()
        for row in step.choices
    )
    return f"{asked.zh}: {choices}" if choices else asked.zh


def _takes(takes: Takes) -> str:
    return ", ".join(one.name.lower() for one in Takes if one in takes and one.name)


def _name(lead: Ask | End) -> str:
    return ENDS[lead] if isinstance(lead, End) else STEPS[lead]


def _mermaid(script: Script) -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    for lead in script.leads:
        yield f"    [*] --> {_node(lead)}"
    for step in script.steps:
        for lead in step.leads:
            yield f"    {_node(step.ask)} --> {_node(lead)}"
    yield "```"
    yield ""


def _node(lead: Ask | End) -> str:
    return lead.name.lower() if isinstance(lead, End) else f"{lead}_{STEPS[lead]}"


def _machine() -> Iterator[str]:
    yield "### Who answers what"
    yield ""
    yield f"| state | {' | '.join(event.__name__ for event in EVENTS)} |"
    yield f"| --- |{' --- |' * len(EVENTS)}"
    for state in STATES:
        names = (TABLE[state, event].__name__ for event in EVENTS)
        yield f"| {state.__name__} | {' | '.join(_handler(name) for name in names)} |"
    yield ""


def _handler(name: str) -> str:
    return "-" if name == "_nothing" else name.lstrip("_")


if __name__ == "__main__":
    main()
