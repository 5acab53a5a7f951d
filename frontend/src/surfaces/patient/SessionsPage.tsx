import { PatientShell } from "@ui/PatientShell";
import { ChangePassword } from "@ui/security/ChangePassword";
import { Sessions } from "@ui/security/Sessions";
import { securityWords as words } from "@ui/security/words";
import { useNav } from "./nav";
import { useT } from "./words";

export { words };

/** Where I am signed in, and with which password. */
export default function SessionsPage() {
  const t = useT();
  return (
    <PatientShell title={t("p.sessions.title")} back="/me" nav={useNav()}>
      <Sessions />
      <ChangePassword />
    </PatientShell>
  );
}
