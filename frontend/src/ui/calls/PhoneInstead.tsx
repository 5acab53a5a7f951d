import { Phone } from "lucide-react";
import { inLocale } from "@core/i18n";
import { useSession } from "../live";
import { useLocale } from "../settings";
import { useCallWords } from "./words";

/** The way that needs neither browser nor network: the hospital's number, or where there is none, plain advice. */
export function PhoneInstead() {
  const t = useCallWords();
  const locale = useLocale();
  const { hospital, surface } = useSession();
  if (surface !== "patient" || !hospital.phone) return <p className="secondary">{t(surface === "patient" ? "ca.phone.none" : "ca.phone.staff")}</p>;
  return (
    <a className="x-button" href={`tel:${hospital.phone}`} data-testid="k.phone">
      <Phone size={20} aria-hidden />
      <span>{t("ca.phone", { hospital: inLocale(hospital.name, locale) })}</span>
    </a>
  );
}
