import { Siren } from "lucide-react";
import { useFlagWords } from "../flags";
import { useT } from "../words";

/** Which emergency signs the patient ticked, in the words they ticked. */
export function RiskBanner({ flags }: { flags: readonly string[] }) {
  const t = useT();
  const wordsOf = useFlagWords();
  if (flags.length === 0) return null;
  return (
    <div className="d-risk" data-testid="d.risk.banner">
      <Siren size={20} aria-hidden />
      <div>
        <p>
          <strong>{t("d.risk.ticked")}</strong>
        </p>
        <ul>
          {wordsOf(flags).map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}
