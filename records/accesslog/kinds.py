"""Which leaves are acts of access, of what sort, and what they are called. A leaf of any other kind is not in the access log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import models

if TYPE_CHECKING:
    from collections.abc import Mapping


class Act(models.TextChoices):
    """The sorts of acts that the log can be filtered by."""

    SIGN_IN = "sign_in"
    SEARCH = "search"
    READ = "read"
    EXPORT = "export"
    EMERGENCY = "emergency"
    GRANT = "grant"  # asked for, decided, revoked, discussed; also relatives let in and shut out
    KEEPING = "keeping"  # holds, retention, what patients ask for
    REVIEW = "review"  # quality sampling
    OVERSIGHT = "oversight"  # of this log
    ACCOUNT = "account"  # roles, passwords, second factors


class Kind(NamedTuple):
    act: Act
    zh: str
    en: str


# Why a clinician, or a relative, opens a chart; the other purposes are those of grants.
CARE, FAMILY = "care", "family"
SEEN, EXPORTED = "access_log.seen", "access_log.exported"
OPENED, NAMED, LOOKED, SETTLED, SIGNED = (
    "access_review.opened", "access_review.named", "access_review.seen", "access_review.hint_settled", "access_review.signed",
)  # fmt: skip

KINDS: Final[dict[str, Kind]] = {
    "session.started": Kind(Act.SIGN_IN, "登录", "signed in"),
    "session.confirmed": Kind(Act.SIGN_IN, "再次确认了身份", "confirmed who they are"),
    "session.ended": Kind(Act.SIGN_IN, "结束了登录", "ended a session"),
    "case.searched": Kind(Act.SEARCH, "查找了案件", "searched for cases"),
    "grant.searched": Kind(Act.SEARCH, "在案件里查找了文字", "looked for words in a case"),
    SEEN: Kind(Act.SEARCH, "查看了访问日志", "looked at the access log"),
    "chart.opened": Kind(Act.READ, "打开了病历", "opened the record"),
    "grant.read": Kind(Act.READ, "查阅了内容", "read something"),
    EXPORTED: Kind(Act.EXPORT, "导出了访问日志", "exported the access log"),
    "rights.copied": Kind(Act.EXPORT, "取得了自己的记录副本", "took a copy of their own record"),
    "grant.broken": Kind(Act.EMERGENCY, "紧急打开了案件", "broke the glass"),
    "grant.reviewed": Kind(Act.EMERGENCY, "复核了紧急查阅", "reviewed an emergency access"),
    "grant.requested": Kind(Act.GRANT, "申请查阅案件", "asked to read a case"),
    "grant.agreed": Kind(Act.GRANT, "同意了申请，还需第二位审批人", "agreed to a request, as the first of two"),
    "grant.decided": Kind(Act.GRANT, "对申请作出了决定", "decided on a request"),
    "grant.revoked": Kind(Act.GRANT, "撤回了授权", "revoked a grant"),
    "grant.returned": Kind(Act.GRANT, "退回了申请", "returned a request"),
    "grant.answered": Kind(Act.GRANT, "补充了申请", "answered about a request"),
    "grant.commented": Kind(Act.GRANT, "评论了申请", "commented on a request"),
    "family.granted": Kind(Act.GRANT, "允许了家人查看", "let a relative in"),
    "family.revoked": Kind(Act.GRANT, "取消了家人查看", "shut a relative out"),
    "hold.placed": Kind(Act.KEEPING, "对记录作了法律保全", "placed a hold"),
    "hold.reviewed": Kind(Act.KEEPING, "复核了法律保全", "reviewed a hold"),
    "hold.release_asked": Kind(Act.KEEPING, "申请解除法律保全", "asked to release a hold"),
    "hold.release_declined": Kind(
        Act.KEEPING, "驳回或收回了解除法律保全的申请", "declined or took back a request to release a hold"
    ),
    "hold.released": Kind(Act.KEEPING, "解除了法律保全", "released a hold"),
    "retention.rule_set": Kind(Act.KEEPING, "更改了保存期限", "changed a term of keeping"),
    "retention.run_confirmed": Kind(Act.KEEPING, "确认了到期销毁", "confirmed a run of retention"),
    "content.shredded": Kind(Act.KEEPING, "销毁了内容", "destroyed content"),
    "rights.erasure_asked": Kind(Act.KEEPING, "申请删除记录", "asked for an erasure"),
    "rights.granted": Kind(Act.KEEPING, "同意了删除申请", "granted an erasure"),
    "rights.refused": Kind(Act.KEEPING, "拒绝了删除申请", "refused an erasure"),
    "rights.erased": Kind(Act.KEEPING, "完成了删除", "carried out an erasure"),
    "sample.drawn": Kind(Act.REVIEW, "抽取了质控样本", "drew a sample for quality review"),
    "sample.reviewed": Kind(Act.REVIEW, "写下了抽查结论", "gave a verdict on a sampled case"),
    "sample.joined": Kind(Act.REVIEW, "作为第二位抽查人参加", "took part in a sample as the second rater"),
    "sample.resolved": Kind(Act.REVIEW, "裁定了有分歧的案件", "said what holds of a case that two raters graded differently"),
    "sample.confirmed": Kind(Act.REVIEW, "确认了商定的结论", "confirmed what two raters agreed on"),
    "sample.signed": Kind(Act.REVIEW, "签署了抽查结果", "signed a sample"),
    "sample.closed": Kind(Act.REVIEW, "复核并结束了抽查", "closed a sample"),
    "sample.exported": Kind(Act.EXPORT, "导出了抽查结果", "exported the findings of a sample"),
    LOOKED: Kind(Act.OVERSIGHT, "查看了一个月的访问提示", "looked at the hints of a month"),
    OPENED: Kind(Act.OVERSIGHT, "建立了访问日志的月度复核", "opened the review of a month's access log"),
    NAMED: Kind(Act.OVERSIGHT, "指定了访问日志的复核人", "named who reviews a month's access log"),
    SETTLED: Kind(Act.OVERSIGHT, "处理了一条访问提示", "settled a hint in the access log"),
    SIGNED: Kind(Act.OVERSIGHT, "签署了访问日志的月度复核", "signed the review of a month's access log"),
    "person.added": Kind(Act.ACCOUNT, "登记了人员", "entered somebody"),
    "person.corrected": Kind(Act.ACCOUNT, "更正了人员资料", "corrected what is known of somebody"),
    "licence.entered": Kind(Act.ACCOUNT, "登记了执业资质", "entered a licence"),
    "person.roles": Kind(Act.ACCOUNT, "更改了角色", "changed somebody's roles"),
    "person.departments": Kind(Act.ACCOUNT, "更改了科室", "changed somebody's departments"),
    "person.password": Kind(Act.ACCOUNT, "重设了密码", "set a new password"),
    "password.changed": Kind(Act.ACCOUNT, "更改了自己的密码", "changed their own password"),
    "person.deactivated": Kind(Act.ACCOUNT, "停用了账号", "closed an account"),
    "department.added": Kind(Act.ACCOUNT, "登记了科室", "entered a department"),
    "department.changed": Kind(Act.ACCOUNT, "更改了科室设置", "changed a department"),
    "department.marked": Kind(Act.ACCOUNT, "更改了科室的敏感标记", "changed whether a department is sensitive"),
    "exchange.added": Kind(Act.ACCOUNT, "允许电话交换机交来录音", "let a telephone exchange hand over calls"),
    "exchange.revoked": Kind(Act.ACCOUNT, "停用了电话交换机", "stopped hearing a telephone exchange"),
    "factor.added": Kind(Act.ACCOUNT, "添加了第二验证方式", "added a second factor"),
    "factor.copied": Kind(
        Act.ACCOUNT, "出示了疑似被复制的通行密钥，已拒绝", "showed a passkey that may be a copy, and was refused"
    ),
    "factor.removed": Kind(Act.ACCOUNT, "移除了第二验证方式", "removed a second factor"),
}

# What the other leaves record: care itself, the keeping of keys and ledger, and the notes of readers for themselves. Whatever begins with
# none of these, and does not stand above, nobody has thought about yet: the tests fail on it.
NO_ACCESS: Final = (
    "attachment.", "broadcast.", "call.", "captions.", "chart.entry.", "consultation.", "follow_up.", "message.", "notice.", "receipt.",
    "recording.", "room.", "side.", "transcript.", "voice.", "key.", "ledger.",
    "grant.noted", "grant.bookmarked", "grant.note_removed",
)  # fmt: skip


def placed(kind: str) -> bool:
    """Whether somebody decided if leaves of this kind are acts of access."""
    return (kind in KINDS) != kind.startswith(NO_ACCESS)


def act_of(kind: str, ids: Mapping[str, str]) -> Act:
    """The sort of a logged leaf: taking content along in a pack is more than reading it."""
    return Act.EXPORT if kind == "grant.read" and ids.get("what", "").startswith("pack.") else KINDS[kind].act
