"""Work in a process of its own, so that code that ends its process, or never ends, costs only the piece of work it was at.

::

    with contextlib.closing(Apart(functools.partial(prepare, task))) as apart:
        answer = apart.ask(request, limit=60)       # Ended when the process died or took longer

`prepare` runs in that process and returns the function that answers requests. The process starts with the first request, and anew after it
ended.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class Ended(Exception):
    """There is no answer; the message says why, for people."""


class Apart(Generic[Request, Answer]):
    """A process that answers requests one by one.

    Parameters
    ----------
    prepare : callable
        Called in the process; returns the function of a request that gives its answer.
    fresh : bool
        The process starts with nothing of this one, as a measurement of memory needs it; `prepare` can be pickled.
    """

    def __init__(self, prepare: Callable[[], Callable[[Request], Answer]], fresh: bool = False) -> None:
        self._prepare = prepare
        self._method = "spawn" if fresh else None
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None

    def ask(self, request: Request, limit: float | None = None) -> Answer:
        """The answer to a request.

        Parameters
        ----------
        request : object
        limit : float, optional
            Seconds; after them the process is stopped.

        Raises
        ------
        Ended
            The process ended, was stopped, or its function raised an exception.
        """
        connection = self._started()
        try:
            connection.send(request)
            if connection.poll(limit):
                answer = connection.recv()
            else:
                answer = Ended(f"stopped after {limit:.0f} s without a result (time_limit in the configuration)")
                self.close()
        except (EOFError, OSError):
            answer = Ended(self._how())
            self.close()
        if isinstance(answer, Ended):
            raise answer
        return answer

    def close(self) -> None:
        """End the process."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.join(0.2)
            self._process.kill()
            self._process.join()
            self._process = None

    def _started(self) -> Connection:
        if self._connection is None:
            context: Any = multiprocessing.get_context(self._method)
            self._connection, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self._connection, self._prepare))
            self._process.start()
            theirs.close()
        return self._connection

    def _how(self) -> str:
        assert self._process is not None
        self._process.join(10)
        code = self._process.exitcode
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            return f"the process was ended by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
        return f"the process ended itself (exit status {code})"


def _serve(connection: Connection, other_end: Connection, prepare: Callable[[], Callable[[Request], Answer]]) -> None:
    # A copy of the asking side's end would keep the connection open after that side is gone.
    other_end.close()
    threading.Thread(target=_follow, daemon=True).start()
    answer: Callable[[Request], Answer] | None = None
    with contextlib.suppress(EOFError, OSError):
        while True:
            request = connection.recv()
            try:
                answer = answer or prepare()
                found: Answer | Ended = answer(request)
            except Exception as error:
                found = Ended(f"{type(error).__name__}: {error}")
            connection.send(found)


def _follow() -> None:
    """End with the process that asks, also when that is killed in the middle of a request."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
