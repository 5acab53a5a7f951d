import { useState } from "react";
import { BellRing } from "lucide-react";
import { toast } from "../announce";
import { Button } from "../Button";
import { alertPermission, askForAlerts } from "./alert";
import { callWords, useCallWords } from "./words";

export { callWords as words };

/** Asks whether a call may be announced while this page is behind others: after a call, when one knows what for, and in the settings.
 * `always`: also say so where it was decided already. */
export default function AlertOffer({ always = false }: { always?: boolean }) {
  const t = useCallWords();
  const [permission, setPermission] = useState(alertPermission);
  const ask = async () => {
    const granted = await askForAlerts();
    setPermission(alertPermission());
    toast(t(granted ? "ca.alert.on" : "ca.alert.denied"));
  };
  if (permission !== "default") return always && <p className="secondary" data-testid="k.alert.state">{t(`ca.alert.${permission === "granted" ? "on" : permission}`)}</p>;
  return (
    <div className="stack">
      <Button icon={BellRing} onClick={() => void ask()} data-testid="k.alert.ask">
        {t("ca.alert.ask")}
      </Button>
      <p className="secondary">{t("ca.alert.what")}</p>
    </div>
  );
}
