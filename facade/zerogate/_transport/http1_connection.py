"""HTTP/1.1 with one server, exchange after exchange: bytes out, bytes in, by h11. No I/O, no clock."""

from __future__ import annotations

import functools
from typing import Final

import h11

from .bodies import Body
from .endings import Ending
from .messages import Reply
from .routes import EncodedRequest, reply_headers

#: Bytes a head may have, or whatever else must be there whole before it is understood.
_HEAD_AT_MOST: Final = 100_000
#: What may come over the wire beside a body: heads, any number of 1xx, the lengths of chunks.
_ROOM_FOR_HEADS: Final = 1_000_000


class Http1Connection:
    """Raises what h11 raises: RemoteProtocolError from `hear`."""

    _body: Body

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT, _HEAD_AT_MOST)

    def ask(self, ready: EncodedRequest, cap: int) -> bytes:
        """Return a request's bytes to send; keep *cap*, the most bytes that its answer's body may have."""
        self._cap, self._room = cap, cap + _ROOM_FOR_HEADS
        for event in _told(ready.method):
            self._http.send(event)
        return ready.data

    def hear(self, data: bytes) -> Reply | None:
        """Feed bytes in (none: end); return the whole reply, or None; Ending or h11.RemoteProtocolError."""
        self._room -= len(data)
        if self._room < 0:
            raise Ending(ConnectionError("the answer does not end"))
        self._http.receive_data(data)
        while (event := self._http.next_event()) is not h11.NEED_DATA:
            match event:
                case h11.Data():
                    self._body.add(event.data)
                case h11.Response():
                    self._status, self._headers = (
                        event.status_code,
                        reply_headers(event.headers.raw_items()),
                    )
                    self._body = Body(self._headers.get("content-encoding", ""), self._cap)
                case h11.EndOfMessage() | h11.PAUSED:
                    whole = self._body.whole()
                    return Reply(self._status, self._headers, whole, self._body.oddities)
        return None

    def start_next_cycle(self) -> bool:
        """Make ready for another exchange and return True; False if a side is not done or bytes are left."""
        http = self._http
        if http.trailing_data[0] or (http.our_state, http.their_state) != (h11.DONE, h11.DONE):
            return False
        http.start_next_cycle()
        return True


@functools.cache
def _told(method: str) -> tuple[h11.Request, h11.EndOfMessage]:
    """Return the events by which h11 knows that a request of this method is sent whole.

    Its bytes are ours (`routes.py`): h11 would check each header of each request anew, which took as
    long as all that the answer's head does.
    """
    return h11.Request(method=method, target="/", headers=[("Host", "")]), h11.EndOfMessage()
