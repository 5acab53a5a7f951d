import type { DeviceProblem } from "@core/calls/current";
import { browserKind } from "./browsers";
import { useCallWords } from "./words";

/** Why a device does not work, and step by step what to do about it in this browser. */
export function DeviceTrouble({ device, problem }: { device: "mic" | "camera"; problem: DeviceProblem }) {
  const t = useCallWords();
  const name = t(`ca.device.${device}`);
  return (
    <div className="k-trouble" role="alert" data-testid="k.trouble" data-problem={problem}>
      <p>
        <strong>{t(`ca.problem.${problem}`, { device: name })}</strong>
      </p>
      {problem === "denied" && (
        <ol className="x-numbered">
          {t(`ca.steps.${browserKind()}`, { device: name })
            .split("|")
            .map((step) => (
              <li key={step}>{step}</li>
            ))}
        </ol>
      )}
    </div>
  );
}
