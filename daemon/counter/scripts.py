"""Which flow a function key begins. Each is loaded when it is first used: few counters use all."""

from daemon.counter.forms import Script

DIGITS = "0123456789"


def script_of(digit: str) -> Script | None:
    """Return the flow of `/` and a digit; None: this box does not have it."""
    match digit:
        case "0":
            from daemon.counter.flows import parking

            return parking.SCRIPT
        case "1":
            from daemon.counter.flows import topup

            return topup.SCRIPT
        case "2":
            from daemon.counter.flows import enrolment

            return enrolment.SCRIPT
        case "3":
            from daemon.counter.flows import aftersales

            return aftersales.SCRIPT
        case "4":
            from daemon.counter.flows import gifts

            return gifts.SCRIPT
        case "5":
            from daemon.counter.flows import cards

            return cards.SCRIPT
        case "6":
            from daemon.counter.flows import stock

            return stock.SCRIPT
        case "7":
            from daemon.counter.flows import shift

            return shift.SCRIPT
        case "8":
            from daemon.counter.flows import reprint

            return reprint.SCRIPT
        case "9":
            from daemon.counter.flows import service

            return service.SCRIPT
        case _:
            return None


def scripts() -> tuple[Script, ...]:
    """Return every flow, by digit: for the key card and the diagrams."""
    found = (script_of(digit) for digit in DIGITS)
    return tuple(script for script in found if script is not None)


def inner_scripts() -> tuple[Script, ...]:
    """Return the flows that a key of the basket or the total begins."""
    from daemon.counter.flows import choosing, repricing

    return choosing.SCRIPT, repricing.SCRIPT
