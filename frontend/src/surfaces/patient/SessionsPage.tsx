import { PatientShell } from "@ui/PatientShell";
import { Sessions } from "@ui/security/Sessions";
import { securityWords as words } from "@ui/security/words";
import { useNav } from "./nav";
import { useT } from "./words";

export { words };

/** Where I am signed in. */
export default function SessionsPage() {
  const t = useT();
  return (
    <PatientShell title={t("p.sessions.title")} back="/me" nav={useNav()}>
      <Sessions titled={false} />
    </PatientShell>
  );
}
