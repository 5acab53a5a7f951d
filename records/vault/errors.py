"""What can go wrong with keys and seals."""

from __future__ import annotations

from typing import Final

from records.errors import ErrorKind, Refused

SEAL_BROKEN: Final = ErrorKind(
    "seal.broken", 500, "这条内容没有通过完整性校验，未显示。", "This content failed its integrity check and is not shown."
)
KEY_MISSING: Final = ErrorKind(
    "key.missing", 500, "找不到这条内容的密钥，无法打开。", "The key of this content is missing; it cannot be opened."
)
KEY_SHREDDED: Final = ErrorKind(
    "key.shredded",
    410,
    "这条内容已按规定销毁，无法再打开。",
    "This content was destroyed as the rules on keeping demand; it cannot be opened again.",
)
KEY_FILE_UNSAFE: Final = ErrorKind(
    "key_file.unsafe",
    503,
    "密钥文件的权限不安全，服务器拒绝使用。",
    "The key file is readable by others; the server refuses to use it.",
)
KEY_FILE_MISSING: Final = ErrorKind("key_file.missing", 503, "找不到密钥文件。", "The key file is missing.")
KEY_FILE_BAD: Final = ErrorKind("key_file.bad", 503, "密钥文件无法读取。", "The key file cannot be read.")
KEK_UNKNOWN: Final = ErrorKind(
    "kek.unknown",
    503,
    "缺少打开此数据密钥的主密钥版本。",
    "The key-encrypting key version of this data key is not in the keyring.",
)
KEK_ELSEWHERE: Final = ErrorKind(
    "kek.elsewhere",
    409,
    "主密钥由外部管理，请先在那里操作。",
    "This key-encrypting key is managed elsewhere: it must be changed there first.",
)
KEYRING_UNSET: Final = ErrorKind(
    "keyring.unset", 503, "主密钥的设置不完整。", "The settings of the keyring are missing or contradict each other."
)
KEYRING_AWAY: Final = ErrorKind(
    "keyring.away",
    503,
    "密钥服务暂时没有回应，请稍后再试。",
    "The key service does not answer now; please try again in a moment.",
    retry=True,
)


class VaultError(Refused):
    """A refusal of the vault. `detail` is for the operator's log: it never holds key material or content."""

    def __init__(self, kind: ErrorKind, detail: str = "") -> None:
        super().__init__(kind)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.kind.code}: {self.kind.en} {self.detail}".rstrip()


class SealBroken(VaultError):
    """The blob is not what was sealed under this key and context, or its suite is unknown."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(SEAL_BROKEN, detail)


class KeyMissing(VaultError):
    """There is no such data key, or its wrapped bytes were lost."""

    def __init__(self, detail: str = "", kind: ErrorKind = KEY_MISSING) -> None:
        super().__init__(kind, detail)


class KeyShredded(KeyMissing):
    """The data key was destroyed on purpose. Whoever shows content that cannot be opened treats it as any missing key."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, KEY_SHREDDED)


class KeyringError(VaultError):
    """The key-encrypting keys cannot be used; `kind` says why."""
