import { useState } from "react";
import type { FollowUp, SpokenLanguage } from "@core/recordings";
import { RadioGroup } from "@ui/fields";
import { useT } from "../words";
import { CallRecording } from "./CallRecording";
import { OutcomeForm, type Consent } from "./OutcomeForm";
import { SpokenIn, UploadForm } from "./UploadForm";
import { useCallWords } from "./words";

/** A call as it is made: what to say first, the recorder once the patient agreed, and how it ended. */
export function CallDesk({ followUp }: { followUp: FollowUp }) {
  const t = useT();
  const w = useCallWords();
  const [consent, setConsent] = useState<Consent | null>(null);
  const [language, setLanguage] = useState<SpokenLanguage>("auto");
  const [recording, setRecording] = useState(false);
  const agreed = consent === "granted";
  return (
    <>
      <section className="card stack" aria-labelledby="consent-h">
        <h2 id="consent-h">{w("fu.consent")}</h2>
        <div className="d-script">
          <p className="secondary">{t("d.consent.say")}</p>
          <p className="d-script-words">{t("d.consent.script")}</p>
        </div>
        <div className="d-inline">
          <RadioGroup<Consent>
            label={w("fu.consent.answer")}
            value={consent}
            options={[
              { value: "granted", label: w("fu.consent.granted") },
              { value: "refused", label: w("fu.consent.refused") },
              { value: "not_asked", label: w("fu.consent.unreached") },
            ]}
            onChange={setConsent}
            disabled={recording}
            testid="d.record.consent"
          />
        </div>
        {consent === "refused" && <p>{t("d.consent.without")}</p>}
      </section>
      {(agreed || consent === null) && (
        <section className="card stack" aria-labelledby="record-h" data-testid="d.record.form" data-consent={agreed}>
          <h2 id="record-h">{w("fu.record")}</h2>
          {!agreed && <p className="secondary">{w("fu.record.consentFirst")}</p>}
          <SpokenIn language={language} onLanguage={setLanguage} />
          <CallRecording followUp={followUp.id} agreed={agreed} language={language} onBusy={setRecording} onWithdrawn={() => setConsent("refused")} />
          <UploadForm followUp={followUp} agreed={agreed} language={language} />
        </section>
      )}
      <OutcomeForm key={followUp.outcomes.length} followUp={followUp} consent={consent} />
    </>
  );
}
