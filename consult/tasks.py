"""Work that happens beside the server. Messages carry ids, the rows carry everything else; a repeated message does no harm."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from consult import attachment_files, export


@shared_task(name=export.TASK, ignore_result=True)
def make_pack(pack_id: str) -> None:
    export.make(UUID(pack_id))


@shared_task(name="consult.sweep_packs", ignore_result=True)
def sweep_packs() -> dict[str, int]:
    """Run by beat."""
    return export.sweep()


@shared_task(name="consult.sweep_attachments", ignore_result=True)
def sweep_attachments() -> dict[str, int]:
    """Run by beat."""
    return attachment_files.sweep()
