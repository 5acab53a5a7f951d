import type { Schemas } from "@core/protocol";
import { useSampling } from "./words";

export function Findings({ findings }: { findings: readonly Schemas["SampleFinding"][] }) {
  const t = useSampling();
  if (findings.length === 0) return null;
  return (
    <ul className="qs-findings">
      {findings.map((one, i) => (
        <li key={i}>
          {t(`qs.kind.${one.kind}`)} · {t(`qs.severity.${one.severity}`)} <span className="own-words">{one.note}</span>
        </li>
      ))}
    </ul>
  );
}
