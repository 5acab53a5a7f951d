"""A device whose network lets no WebSocket through: the same outbox and transcript over plain HTTP."""

import asyncio
import itertools
from typing import Any

import httpx

from tests.consult.device import Frame, Session, client_id
from tests.deployment import PATIENCE_SECONDS
from tests.faults.phone import Address, Phone

POLL_SECONDS = 2.0


class PollingPhone(Phone):
    """Polls `/poll/`, and acts through `/api/commands`."""

    def __init__(self, page: Session, who: str, case: str, address: Address, patience: float = 1.0) -> None:
        super().__init__(page, who, case, address, patience)
        self._line = client_id()
        self._http: httpx.AsyncClient | None = None
        self._posts: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)

    @property
    def online(self) -> bool:
        return self._http is not None

    async def _connected(self, url: str) -> None:
        cookies = self.page.http.cookies
        headers = {"Origin": url, "X-CSRFToken": cookies["xinqiao_csrf"]}
        client = httpx.AsyncClient(base_url=url, headers=headers, cookies=cookies, timeout=PATIENCE_SECONDS, verify=False)
        try:
            async with client as http:
                self.frames = []
                self._http = http
                while True:
                    await self._poll(http)
        except httpx.HTTPError as error:
            raise OSError(str(error)) from error
        finally:
            self._http = None
            for post in self._posts:
                post.cancel()
            self._lost()

    async def _poll(self, http: httpx.AsyncClient) -> None:
        body = {"line": self._line, "since": {self.case: self.upto}, "wait": POLL_SECONDS}
        answer = await http.post("/poll/", json=body)
        answer.raise_for_status()
        for frame in answer.json()["frames"]:
            await self._hear(frame)

    async def follow(self) -> None:
        """Every poll says how far it has come."""

    async def tell(self, type_: str, **members: Any) -> str | None:
        if self._http is None:
            return None
        request = f"post-{next(self._numbers)}"
        if "client_id" in members:
            self._acts[request] = members["client_id"]
        frame = {"type": type_, "id": request, "consultation": self.case, **members}
        post = asyncio.create_task(self._post(self._http, frame))
        self._posts.add(post)
        post.add_done_callback(self._posts.discard)
        return request

    async def _post(self, http: httpx.AsyncClient, frame: Frame) -> None:
        try:
            answer = await http.post("/api/commands", json=frame)
            heard = answer.json()
        except (httpx.HTTPError, ValueError):
            return  # sent again after a while
        await self._hear(heard if answer.status_code == 200 else {**heard, "type": "error", "id": frame["id"]})
