"""A recording on its way in: an upload that Django reads while it arrives, and hands to the seal piece by piece.

Django's ASGI handler puts a whole body into a temporary file before it starts. `application` is the same handler, with the same
middleware and addresses, except that the body is read from the connection itself; chat_server/asgi.py sends it the addresses
that take files. The multipart parser is Django's, and `SealingHandler` is all that ever sees the file's bytes.
"""

from __future__ import annotations

import asyncio
import io
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol
from weakref import finalize

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.core.handlers.asgi import ASGIHandler
from django.db import connection

from records.api.auth import SignedIn
from records.at_once import AtOnce
from records.errors import BAD_INPUT, Refused
from records.people import Person

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from _typeshed import WriteableBuffer
    from django.http import HttpRequest

    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    # Asks whether this person may add a file at this address (its parameters), and says who takes it. Raises Refused.
    Admit = Callable[[Person, Mapping[str, Any]], "Receiver"]

# A sender that is silent for so long is gone.
IDLE_SECONDS: Final = 60
# What is not a file is short.
MOST_IN_MEMORY: Final = 1_048_576
# Each holds a thread for as long as its sender likes: an outbox sends one after the other, from a few tabs at the most.
underway: Final = AtOnce(4)


class Receiver(Protocol):
    """Takes a file while it arrives. `discard` leaves nothing of it, unless it was kept."""

    def write(self, chunk: bytes) -> None: ...

    def discard(self) -> None: ...


class SealedUpload(UploadedFile):  # type: ignore[type-arg]  # generic in the stubs only
    """The uploaded file as the view gets it: already sealed, with nothing to read. The request closes it after the response."""

    def __init__(self, receiver: Receiver, name: str | None, content_type: str | None, over: Callable[[], object]) -> None:
        """`over` is called once, when it is closed or, should nobody do that, forgotten."""
        super().__init__(None, name, content_type, 0)
        self.receiver = receiver
        self._over = finalize(self, over)

    def close(self) -> None:
        """Drop it, unless it was kept."""
        self.receiver.discard()
        self._over()


class SealingHandler(FileUploadHandler):
    """Django's hook for uploads: asks whether this person may add this file, then seals every piece."""

    file: SealedUpload | None = None
    complete = False

    def __init__(self, request: HttpRequest, admit: Admit) -> None:
        super().__init__(request)
        self._admit = admit

    def drop(self) -> None:
        """Leave nothing of a file that was not received to its end."""
        if self.file is not None:
            self.file.close()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.file is not None or self.field_name != "file":
            raise Refused(BAD_INPUT, {"file": {"zh": "一次只能上传一个文件。", "en": "Upload one file at a time."}})
        self.file = self._begun()
        if not connection.in_atomic_block:
            connection.close()  # a slow sender must not keep a connection of the pool

    def _begun(self) -> SealedUpload:
        assert self.request is not None
        assert self.request.resolver_match is not None
        person = self.request.user
        assert isinstance(person, Person)
        underway.begin(person.id)
        over = partial(underway.end, person.id)
        try:
            receiver = self._admit(person, self.request.resolver_match.kwargs)
        except BaseException:
            over()
            raise
        return SealedUpload(receiver, self.file_name, self.content_type, over)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        assert self.file is not None
        self.file.receiver.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> SealedUpload | None:
        if self.file is not None:
            self.file.size = file_size
        self.complete = True
        return self.file


class SignedInSender(SignedIn):
    """As SignedIn; the CSRF check reads the form, so the file's way to the seal must be laid before."""

    def __init__(self, admit: Admit) -> None:
        super().__init__()
        self._admit = admit

    def authenticate(self, request: HttpRequest, key: str | None) -> Person:
        handler = SealingHandler(request, self._admit)
        request.upload_handlers = [handler]
        try:
            person = super().authenticate(request, key)
        except BaseException:
            handler.drop()
            raise
        if not handler.complete:  # the sender is gone; the CSRF check makes nothing of it
            handler.drop()
        return person


def reader(request: HttpRequest) -> Callable[[int], bytes]:
    """Reads a body that is no form, at most so many bytes at once. Raises UnreadablePostError when its sender is gone."""

    def read(most: int) -> bytes:
        if not connection.in_atomic_block:
            connection.close()  # a slow sender must not keep a connection of the pool
        return request.read(most)

    return read


class Incoming:
    """One connection's messages, for the thread that runs the view: first the body, and once it has ended what comes after."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._gone = False

    async def __call__(self) -> Message:
        """The `receive` that Django listens on for a disconnect while the view runs."""
        await self._ended.wait()
        return {"type": "http.disconnect"} if self._gone else await self._receive()

    def take(self) -> bytes:
        """The next bytes of the body, b"" when it has ended. Called from another thread. Raises ConnectionResetError."""
        return asyncio.run_coroutine_threadsafe(self._take(), self._loop).result()

    async def _take(self) -> bytes:
        part = b""
        while not part and not self._ended.is_set():
            message = await self._next()
            self._gone = message["type"] == "http.disconnect"
            part = message.get("body", b"")
            if self._gone or not message.get("more_body", False):
                self._ended.set()
        if self._gone:
            raise ConnectionResetError("the sender is gone")
        return part

    async def _next(self) -> Message:
        try:
            return await asyncio.wait_for(self._receive(), IDLE_SECONDS)
        except TimeoutError:
            return {"type": "http.disconnect"}


class Body(io.RawIOBase):
    """The body as a file that can be read once."""

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        if not self._rest:
            self._rest = memoryview(self._incoming.take())
        size = min(len(view), len(self._rest))
        view[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def readall(self) -> bytes:
        """For what is not a file: forms and JSON, which are short. Raises RequestDataTooBig."""
        whole = b""
        while part := self.read(65_536):
            whole += part
            if len(whole) > MOST_IN_MEMORY:
                raise RequestDataTooBig
        return whole


class StreamingHandler(ASGIHandler):
    """Django, reading bodies from the connection instead of from a file."""

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await super().handle(scope, Incoming(receive), send)

    async def read_body(self, receive: Any) -> Any:
        assert isinstance(receive, Incoming)
        return io.BufferedReader(Body(receive), 65_536)


application: Final = StreamingHandler()
