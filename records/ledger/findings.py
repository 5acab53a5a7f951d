"""What can be wrong with the ledger, in words. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "leaf.hash": ("条目内容与其哈希不符", "the entry's bytes do not have its hash"),
    "leaf.form": ("条目不是规范格式", "the entry's bytes are not a canonical entry"),
    "leaf.columns": ("条目的列与其签名内容不一致", "the entry's columns differ from its hashed bytes"),
    "leaf.link": ("与前一条目的链接断开", "the entry is not linked to the one before it"),
    "leaf.gap": ("前面的条目缺失", "an entry before this one is missing"),
    "chain.head": ("链尾缺失或被改动", "the end of the chain is missing or altered"),
    "chain.closed_twice": ("未重新打开却有两次结束", "closed twice without being reopened in between"),
    "content.changed": ("密文与条目记录的哈希不符", "the ciphertext does not have the hash that the entry recorded"),
    "content.columns": (
        "原文所在的行（时间、发送者、类型或编号）与条目不一致",
        "the row of its words (time, sender, kind or id) differs from the entry",
    ),
    "content.extra": (
        "有一行原文没有对应的条目：不是通过本系统写入的",
        "a row of words has no entry: nobody wrote it through the product",
    ),
    "content.missing": ("条目对应的密文不见了", "the ciphertext of the entry is missing"),
    "tree.gap": ("默克尔树中有缺号", "a place of the tree is empty"),
    "tree.lost": ("条目既不在树中，也不在待入树队列中", "the entry is neither in the tree nor waiting for its place"),
    "tree.twice": ("条目已在树中，却仍在待入树队列中", "the entry is in the tree and still waits for its place"),
    "tree.tile": ("树的存储块与条目不符", "a stored tile of the tree does not match the entries"),
    "tree.proof": ("条目无法证明在已签名的树中", "the entry cannot be proven to be in the signed tree"),
    "checkpoint.root": ("检查点的树根与条目不符", "the checkpoint's root does not match the entries"),
    "checkpoint.signature": ("检查点签名无效", "the checkpoint's signature is not valid"),
    "head.bad": ("ledger.head 不是本账本的检查点", "ledger.head is not a checkpoint of this ledger"),
    "head.behind": (
        "账本比本机记住的已签名部分短：末尾被截去",
        "the ledger ends before what this server remembers as signed: its end was cut off",
    ),
    "head.forked": (
        "账本与本机记住的已签名部分不同：历史被改写",
        "the ledger differs from what this server remembers as signed: it was rewritten",
    ),
    "witness.bad": (
        "见证方给出的不是本账本的联署检查点",
        "what the witness remembers is not a cosigned checkpoint of this ledger",
    ),
    "witness.behind": (
        "账本比见证方联署过的部分短：末尾被截去",
        "the ledger ends before what a witness cosigned: its end was cut off",
    ),
    "witness.forked": (
        "账本与见证方联署过的部分不同：历史被改写",
        "the ledger differs from what a witness cosigned: it was rewritten",
    ),
    "cosignature.wrong": ("保存的联署无效", "a stored cosignature is not valid"),
    "stamp.wrong": ("保存的时间戳无效", "a stored time stamp is not valid"),
    "tombstones.broken": (
        "tombstones.log 损坏，或其中已销毁的内容随备份恢复而无法再次销毁；未核对密文",
        "tombstones.log is damaged, or what it says is destroyed came back and cannot go again; ciphertexts were not compared",
    ),
    "checkpoint.size": ("最新检查点与树的大小不符", "the newest checkpoint does not cover the tree"),
}


class Finding(NamedTuple):
    """One thing that is wrong, and where; what does not apply is None.

    `chain` is 32 hex digits, `leaf` the row's id, `place` an index of the tree or, for checkpoints, a size.
    """

    code: str
    chain: str | None = None
    seq: int | None = None
    leaf: int | None = None
    place: int | None = None

    @property
    def zh(self) -> str:
        return f"{self._where('链', '序号', '条目', '树位置')}{TEXTS[self.code][0]}"

    @property
    def en(self) -> str:
        return f"{self._where('chain', 'seq', 'leaf', 'tree place')}{TEXTS[self.code][1]}"

    def payload(self) -> dict[str, object]:
        return {**self._asdict(), "zh": self.zh, "en": self.en}

    def _where(self, *names: str) -> str:
        known = [(name, value) for name, value in zip(names, self[1:], strict=True) if value is not None]
        return ", ".join(f"{name} {value}" for name, value in known) + (": " if known else "")
