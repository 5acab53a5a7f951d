"""A proof that one entry of a conversation is in the signed ledger, for those who take part in it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from consult import audiences
from records.api.auth import SignedInRequest, acts, signed_in
from records.errors import NOT_FOUND, ErrorKind, Refused
from records.ledger import published
from records.ledger.models import Leaf

router = Router(tags=["consultations"], auth=signed_in)

PENDING: Final = ErrorKind(
    "proof.pending",
    409,
    "这条记录正在写入已签名的账本，请稍等几秒再取证明。",
    "This entry is still being added to the signed ledger. Please ask for its proof in a few seconds.",
    retry=True,
)


@router.get("/consultations/{consultation_id}/events/{seq}/proof")
@acts("consultation.read")
def proof(request: SignedInRequest, consultation_id: UUID, seq: int) -> HttpResponse:
    """Text in the form of c2sp.org/tlog-proof: checkable offline with the ledger's public key, also when this server is gone."""
    audiences.load(request.auth, consultation_id)
    leaf = Leaf.objects.filter(chain_id=consultation_id, seq=seq).first()
    if leaf is None:
        raise Refused(NOT_FOUND)
    text = published.proof_of(leaf)
    if text is None:
        raise Refused(PENDING)
    name = f"{consultation_id}-{seq}.tlog-proof"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)
