import { useLocale } from "@ui/settings";
import type { Sample } from "./api";
import { useSampling } from "./words";

/** How far two raters agree, criterion by criterion, with the counts that the figure was made of. */
export function Agreement({ sample }: { sample: Sample }) {
  const t = useSampling();
  const locale = useLocale();
  if (sample.agreement.length === 0) return null;
  const number = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return (
    <section className="card stack" aria-labelledby="agreement-h" data-testid="qs.agreement">
      <h2 id="agreement-h">{t("qs.agreement")}</h2>
      <p className="secondary">{t("qs.agreement.how")}</p>
      <div className="c-table-wrap">
        <table className="c-table">
          <thead>
            <tr>
              <th scope="col">{t("qs.review.kind")}</th>
              <th scope="col">{t("qs.agreement.cases")}</th>
              <th scope="col">{t("qs.agreement.agreed")}</th>
              <th scope="col">{t("qs.agreement.expected")}</th>
              <th scope="col">{t("qs.agreement.kappa")}</th>
            </tr>
          </thead>
          <tbody className="tabular">
            {sample.agreement.map((one) => (
              <tr key={one.kind} data-testid="qs.agreement.row" data-kind={one.kind}>
                <th scope="row">{t(`qs.kind.${one.kind}`)}</th>
                <td>{one.cases}</td>
                <td>{one.agreed}</td>
                <td>{number.format(one.expected)}</td>
                <td>{one.kappa === null ? t("qs.agreement.undefined") : number.format(one.kappa)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
