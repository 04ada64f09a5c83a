"""What a simulated box does with its courier, one step after the other."""

from typing import Protocol

from daemon.sync.courier import Await, Courier, Reopen, Send


class OnALine(Protocol):
    courier: Courier

    @property
    def online(self) -> bool: ...

    def disconnect(self) -> None: ...


def work(box: OnALine, steps: int) -> list[Send]:
    """Let the box do some steps; return what goes out. Raises what its disk does."""
    sent: list[Send] = []
    for _ in range(steps):
        if not box.courier.pending:
            break
        todo = box.courier.step()
        while todo:
            action = todo.pop(0)
            match action:
                case Send() if box.online:
                    sent.append(action)
                case Reopen():
                    box.disconnect()
                case Await(outcome, of):
                    todo += box.courier.settled(outcome.result(), of)
                    box.courier.wake()
                case _:
                    pass
    return sent
