import { useState } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { codedFrom } from "@core/errors";
import { announce } from "@ui/announce";
import { Button } from "@ui/Button";
import { Dialog } from "@ui/Dialog";
import { RadioGroup, Select, TextArea } from "@ui/fields";
import { ErrorState } from "@ui/states";
import { KINDS, SAMPLES, SEVERITIES, VERDICTS, type Sample, type SampledCase, type SampleFinding, type reviewItem, type Verdict } from "./api";
import { useSampling } from "./words";

const BLANK: SampleFinding = { kind: "safety", severity: "minor", note: "" };
const MOST = 20;

interface ReviewDialogProps {
  sample: Sample;
  item: SampledCase;
  /** Where the word goes: one's own verdict, or what settles a case that two raters graded differently. */
  said: typeof reviewItem;
  onClose: () => void;
}

/** The verdict on one case, with findings from the standard list. What was said before stays in the ledger. */
export function ReviewDialog({ sample, item, said: tell, onClose }: ReviewDialogProps) {
  const t = useSampling();
  const client = useQueryClient();
  const [verdict, setVerdict] = useState<Verdict | null>(item.verdict);
  const [findings, setFindings] = useState<readonly SampleFinding[]>(item.findings.map((one) => ({ ...BLANK, ...one })));
  const [tried, setTried] = useState(false);
  const saving = useMutation({
    mutationFn: (said: Verdict) => tell(sample.id, item.position, { verdict: said, findings: said === "found" ? [...findings] : [] }),
    onSuccess: (next) => {
      client.setQueryData([...SAMPLES, sample.id], next);
      announce(t("qs.review.saved"));
      onClose();
    },
  });
  const choose = (said: Verdict) => {
    setVerdict(said);
    if (said === "found" && findings.length === 0) setFindings([BLANK]);
  };
  const save = () => {
    setTried(true);
    if (verdict) saving.mutate(verdict);
  };
  return (
    <Dialog
      title={t("qs.item.review.named", { number: item.number })}
      onClose={onClose}
      testid="qs.review"
      actions={
        <Button variant="primary" pending={saving.isPending} onClick={save} data-testid="qs.review.save">
          {t("qs.review.save")}
        </Button>
      }
    >
      {saving.isError && <ErrorState error={codedFrom(saving.error)} />}
      {!item.opened && <p className="x-stale">{t("qs.review.unopened")}</p>}
      <RadioGroup
        label={t("qs.review.verdict")}
        value={verdict}
        options={VERDICTS.map((value) => ({ value, label: t(`qs.verdict.${value}`) }))}
        onChange={choose}
        error={tried && !verdict ? t("qs.review.verdict.missing") : null}
        testid="qs.review.verdict"
      />
      {verdict === "found" && <FindingList findings={findings} onChange={setFindings} />}
    </Dialog>
  );
}

function FindingList({ findings, onChange }: { findings: readonly SampleFinding[]; onChange: (findings: readonly SampleFinding[]) => void }) {
  const t = useSampling();
  return (
    <>
      {findings.map((one, i) => (
        <FindingFields key={i} number={i + 1} finding={one} onChange={(next) => onChange(findings.with(i, next))} onRemove={findings.length > 1 ? () => onChange(findings.toSpliced(i, 1)) : undefined} />
      ))}
      {findings.length < MOST && (
        <Button size="small" icon={Plus} onClick={() => onChange([...findings, BLANK])}>
          {t("qs.review.add")}
        </Button>
      )}
    </>
  );
}

interface FindingFieldsProps {
  number: number;
  finding: SampleFinding;
  onChange: (finding: SampleFinding) => void;
  onRemove: (() => void) | undefined;
}

function FindingFields({ number, finding, onChange, onRemove }: FindingFieldsProps) {
  const t = useSampling();
  return (
    <fieldset className="qs-finding">
      <legend>{t("qs.review.finding", { number })}</legend>
      <div className="qs-pair">
        <Select label={t("qs.review.kind")} value={finding.kind} options={KINDS.map((value) => ({ value, label: t(`qs.kind.${value}`) }))} onChange={(kind) => onChange({ ...finding, kind })} data-testid="qs.review.kind" />
        <Select label={t("qs.review.severity")} value={finding.severity} options={SEVERITIES.map((value) => ({ value, label: t(`qs.severity.${value}`) }))} onChange={(severity) => onChange({ ...finding, severity })} />
      </div>
      <TextArea label={t("qs.review.note")} hint={t("qs.review.note.hint")} value={finding.note} maxLength={1000} rows={2} onChange={(event) => onChange({ ...finding, note: event.target.value })} data-testid="qs.review.note" />
      {onRemove && (
        <Button size="small" variant="quiet" icon={Trash2} onClick={onRemove}>
          {t("qs.review.remove", { number })}
        </Button>
      )}
    </fieldset>
  );
}
