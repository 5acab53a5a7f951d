import { useEffect, useRef, useState } from "react";
import { Button } from "../Button";
import { copy } from "../copy";
import { useSecurity } from "./words";
import "./security.css";

/** Ten codes, once: whoever loses the phone signs in with one of them. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const t = useSecurity();
  const heading = useRef<HTMLHeadingElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className="stack" aria-labelledby="sc-codes-h" data-testid="sc.codes">
      <h2 id="sc-codes-h" ref={heading} tabIndex={-1}>
        {t("sc.codes.title")}
      </h2>
      <p>{t("sc.codes.what")}</p>
      <ol className="sc-codes">
        {codes.map((code) => (
          <li key={code}>
            <code data-testid="sc.codes.code">{code}</code>
          </li>
        ))}
      </ol>
      <div className="row">
        <Button onClick={() => void copy(codes.join("\n")).then(setCopied)} data-testid="sc.codes.copy">
          {copied ? t("sc.codes.copied") : t("sc.codes.copy")}
        </Button>
        <Button variant="primary" onClick={onKept} data-testid="sc.codes.kept">
          {t("sc.codes.kept")}
        </Button>
      </div>
    </section>
  );
}
