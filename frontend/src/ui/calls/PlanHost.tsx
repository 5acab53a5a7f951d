import { useEffect, useEffectEvent } from "react";
import type { FrameOf } from "@core/protocol";
import { clock } from "@core/format";
import { toast } from "../announce";
import { go } from "../router";
import { useUi } from "../words";
import { alertPermission, showAlert } from "./alert";
import { usePage } from "./usePeer";
import { useCallWords } from "./words";

export { callWords as words } from "./words";

/** Says that the call that was agreed on is near: on the page, and over other windows where it is hidden. */
export default function PlanHost({ due }: { due: FrameOf<"call.due"> }) {
  const t = useCallWords();
  const product = useUi()("ui.product");
  const page = usePage(due.consultation);
  const tell = useEffectEvent((at: number) => {
    toast(t("ca.plan.due", { time: clock(at) }), { action: { label: t("ca.backToChat"), run: () => go(page) } });
    if (document.hidden && alertPermission() === "granted") void showAlert(product, t("ca.alert.due"), false).catch(() => undefined);
  });
  useEffect(() => tell(due.at), [due]);
  return null;
}
