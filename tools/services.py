"""A private PostgreSQL and a private Redis on UNIX sockets in a temporary directory, and a private relay for calls; gone when the block
ends."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from tools.install import postgresql_bin
from tools.steps import ROOT, Failure, environment

START_SECONDS = 30
ROLE = "xinqiao"
TURN_CONF = ROOT / "deploy" / "coturn" / "turnserver.conf"
# Of a server that lives as long as a test does, on a socket that only this account can open.
JANUS_SECRETS = {"XINQIAO_JANUS_API_SECRET": "api-of-the-tests", "XINQIAO_JANUS_ADMIN_KEY": "rooms-of-the-tests"}


class Account(TypedDict, total=False):
    """How `subprocess` is told to run as somebody else; empty means as this account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass
class Service:
    """One server process, its data in `place`; it may be killed and started again. Its output goes to a file there."""

    url: str
    words: list[str]
    place: Path
    ready: Callable[[], bool]
    account: Account = field(default_factory=Account)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return once it answers. Raises Failure, showing what it printed."""
        log = self.place / f"{Path(self.words[0]).name}.log"
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                self.words, cwd=self.place, env=environment(), stdout=output, stderr=output, **self.account
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"{self.words[0]} did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown; SIGTERM would wait for its clients
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def running(service: Service) -> Iterator[Service]:
    """Run it for as long as the block lasts."""
    try:
        service.start()
        yield service
    finally:
        service.stop()


@contextmanager
def production() -> Iterator[dict[str, str]]:
    """Run both services; yield the environment that makes the product use them."""
    with ExitStack() as stack:
        # A short path: a socket's name may have 107 bytes.
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xq-", dir="/tmp", ignore_cleanup_errors=True)))
        place.chmod(0o755)
        database = stack.enter_context(postgresql(place / "pg"))
        redis = stack.enter_context(redis_server(place / "redis"))
        yield {"DATABASE_URL": database, "REDIS_URL": redis}


@contextmanager
def postgresql(place: Path, port: int = 0) -> Iterator[str]:
    """Run a PostgreSQL of this run's own, with fsync on as in production; yield its libpq URL."""
    with running(new_postgresql(place, port)) as service:
        yield service.url


def new_postgresql(place: Path, port: int = 0) -> Service:
    """Make an empty cluster in `place`, not running yet. Only its owner may start it again: PostgreSQL refuses root.

    `port`: listen there on the loopback interface too, for a client that knows no UNIX sockets.
    """
    binaries = postgresql_bin()
    if binaries is None:
        raise Failure("PostgreSQL is not installed: apt-get install postgresql")
    place.mkdir()
    account = _unprivileged(place)
    data = str(place / "data")
    init = [
        str(binaries / "initdb"),
        "-D",
        data,
        "-U",
        ROLE,
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    made = subprocess.run(init, cwd=place, env=environment(), capture_output=True, text=True, **account)
    if made.returncode:
        raise Failure(f"initdb failed: {made.stderr.strip()}")
    address, number = ("127.0.0.1", port) if port else ("", 5432)
    server = [str(binaries / "postgres"), "-D", data, "-k", str(place), "-c", "max_connections=200"]
    server += ["-c", f"listen_addresses={address}", "-p", str(number)]
    ready = [str(binaries / "pg_isready"), "-q", "-h", str(place), "-p", str(number), "-U", ROLE, "-d", "postgres"]
    url = f"postgresql://{ROLE}@/postgres?host={place}&port={number}"
    return Service(url, server, place, lambda: subprocess.run(ready).returncode == 0, account)


@contextmanager
def redis_server(place: Path) -> Iterator[str]:
    """Run a Redis of this run's own that writes nothing to disk; yield its URL as channels_redis spells it."""
    with running(new_redis(place)) as service:
        yield service.url


def new_redis(place: Path) -> Service:
    binary = shutil.which("redis-server")
    if binary is None:
        raise Failure("Redis is not installed: apt-get install redis-server")
    place.mkdir(exist_ok=True)
    listening = place / "redis.sock"
    words = [binary, "--port", "0", "--unixsocket", str(listening), "--save", "", "--appendonly", "no", "--dir", str(place)]
    return Service(f"unix://{listening}?db=0", words, place, lambda: _listens(listening))


@dataclass(frozen=True)
class Relay:
    """A TURN server of a test's own. `address` is its host and port for UDP and TCP."""

    address: tuple[str, int]
    secret: str

    @property
    def env(self) -> dict[str, str]:
        """What makes a server of the product send its calls through it."""
        host, port = self.address
        return {"XINQIAO_TURN_URIS": f"turn:{host}:{port}?transport=udp", "XINQIAO_TURN_SECRET": self.secret}


@contextmanager
def turn_server(*, peers: Sequence[str] = ("127.0.0.1",)) -> Iterator[Relay]:
    """Run coturn as deploy/coturn/turnserver.conf says, but on the loopback interface and a free port; yield its address.

    `peers`: addresses that it sends to although that file denies them; its own by default, where two devices of one machine meet.
    """
    binary = shutil.which("turnserver")
    if binary is None:
        raise Failure("coturn is not installed: apt-get install coturn")
    with tempfile.TemporaryDirectory(prefix="xq-turn-") as made:
        place, host, secret = Path(made), "127.0.0.1", secrets.token_hex(16)
        with socket.create_server((host, 0)) as taken:
            port = taken.getsockname()[1]
        words = [binary, "-c", str(TURN_CONF), "--listening-ip", host, "--relay-ip", host, "--listening-port", str(port)]
        words += ["--static-auth-secret", secret, "--no-tls", "--no-dtls", "--pidfile", str(place / "pid")]
        words += ["--userdb", str(place / "turndb"), "--log-file", "stdout", "--allow-loopback-peers"]
        words += [word for peer in peers for word in ("--allowed-peer-ip", peer)]
        service = Service(f"turn:{host}:{port}", words, place, lambda: _takes_connections(host, port))
        with running(service):
            yield Relay((host, port), secret)


def _takes_connections(host: str, port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((host, port)) == 0


JANUS_CONFIG = ROOT / "deploy" / "janus"


def new_janus(place: Path, ports: tuple[int, int]) -> Service:
    """A Janus with the configuration of deploy/janus, on loopback, with secrets of its own; `url` is its socket's path.

    `ports`: the first and the last that media may use.
    """
    binary = shutil.which("janus")
    if binary is None:
        raise Failure("Janus is not installed: apt-get install janus")
    place.mkdir(mode=0o700, exist_ok=True)
    listening = place / "janus.sock"
    own = {
        "/etc/xinqiao/janus": str(place),
        "/run/xinqiao-janus/janus.sock": str(listening),
        "CHANGE-ME-api": JANUS_SECRETS["XINQIAO_JANUS_API_SECRET"],
        "CHANGE-ME-rooms": JANUS_SECRETS["XINQIAO_JANUS_ADMIN_KEY"],
        "CHANGE-ME-address": "127.0.0.1",
        "20000-20999": f"{ports[0]}-{ports[1]}",
        "ignore_mdns = true": "ignore_mdns = false",
    }
    for config in JANUS_CONFIG.glob("*.jcfg"):
        text = config.read_text()
        for deployed, here in own.items():
            text = text.replace(deployed, here)
        (place / config.name).write_text(text)
    words = [binary, "-F", str(place), "-C", str(place / "janus.jcfg")]
    return Service(str(listening), words, place, lambda: _listens(listening))


def _listens(path: Path) -> bool:
    """A killed server leaves the socket's file behind: only connecting tells."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def _unprivileged(place: Path) -> Account:
    """Return the account to run as when this is root (PostgreSQL refuses root), having given it `place`."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(place, entry.pw_uid, entry.pw_gid)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise Failure("PostgreSQL does not run as root, and there is no account postgres or nobody.")
