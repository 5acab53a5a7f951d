import { ArrowLeft } from "lucide-react";
import type { Catalog } from "@core/i18n";
import { StaffShell } from "../StaffShell";
import { withStaffWords } from "../staff/words";
import { ChangePassword } from "./ChangePassword";
import { Factors } from "./Factors";
import { Sessions } from "./Sessions";
import { securityWords, useSecurity } from "./words";

export const words: Catalog = withStaffWords(securityWords);

/** /security, the same for everybody on the staff: how one proves who one is. */
export default function SecuritySurface() {
  const t = useSecurity();
  return (
    <StaffShell title={t("sc.title")} nav={[{ href: "/", label: t("sc.back"), icon: ArrowLeft, testid: "sc.back" }]}>
      <div className="sc-page">
        <Factors />
        <ChangePassword />
        <Sessions />
      </div>
    </StaffShell>
  );
}
