import { Cell, CheckboxButton, CheckboxField, Column, Row, Table, TableBody, TableHeader, type Selection } from "react-aria-components";
import { Link } from "@ui/router";
import { dateTime, parseTime } from "@core/format";
import { inLocale } from "@core/i18n";
import { Chip } from "@ui/Chip";
import { IntegrityBadge } from "@ui/IntegrityBadge";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import type { Case } from "./api";
import { GrantChip } from "./Grants";
import { Marks } from "./Marks";
import { useT } from "./words";

export const PAGE_SIZE = 20;

interface ResultsProps {
  cases: readonly Case[];
  selected: ReadonlySet<string>;
  /** Only for those who may ask for access. */
  onSelect: ((selected: ReadonlySet<string>) => void) | undefined;
}

/** The cases found, masked. One stop for Tab; arrows move, Space selects. */
export function SearchResults({ cases, selected, onSelect }: ResultsProps) {
  const t = useT();
  const selectable = onSelect !== undefined;
  const choose = (keys: Selection) => onSelect?.(keys === "all" ? new Set(cases.map((one) => one.id)) : new Set([...keys].map(String)));
  return (
    <div className="c-table-wrap">
      <Table aria-label={t("c.search.results")} className="c-table c-found" selectionMode={selectable ? "multiple" : "none"} selectedKeys={selected} onSelectionChange={choose} data-testid="c.search.results">
        <TableHeader>
          {selectable && (
            <Column>
              <Tick />
            </Column>
          )}
          <Column isRowHeader>{t("c.case.number")}</Column>
          <Column>{t("c.case.patient")}</Column>
          <Column>{t("c.case.doctor")}</Column>
          <Column>{t("c.case.opened")}</Column>
          <Column>{t("c.case.state")}</Column>
          <Column>{t("c.case.amount")}</Column>
          <Column>{t("c.case.integrity")}</Column>
          <Column>{t("c.case.access")}</Column>
        </TableHeader>
        <TableBody>{cases.map((found) => ResultRow({ found, selectable }))}</TableBody>
      </Table>
    </div>
  );
}

/** A plain function, because the table reads its rows before it draws them. */
function ResultRow({ found, selectable }: { found: Case; selectable: boolean }) {
  return (
    <Row key={found.id} id={found.id} textValue={`${found.number} ${found.patient}`} className="c-row" data-testid="c.search.results.row" data-integrity={found.integrity} data-number={found.number}>
      {selectable && (
        <Cell>
          <Tick />
        </Cell>
      )}
      <Cell className="tabular c-nowrap">{found.number}</Cell>
      <Cell className="c-nowrap">{found.patient}</Cell>
      <Cell>
        <Doctor found={found} />
      </Cell>
      <Cell className="tabular">
        <Opened found={found} />
      </Cell>
      <Cell>
        <State found={found} />
      </Cell>
      <Cell>
        <Amount found={found} />
      </Cell>
      <Cell>
        <IntegrityBadge state={found.integrity} />
      </Cell>
      <Cell>
        <Access found={found} />
      </Cell>
    </Row>
  );
}

const Tick = () => (
  <CheckboxField slot="selection">
    <CheckboxButton className="c-tick">
      <span aria-hidden />
    </CheckboxButton>
  </CheckboxField>
);

function Doctor({ found }: { found: Case }) {
  const t = useT();
  const locale = useLocale();
  return (
    <>
      {found.doctor ? fullName(found.doctor, locale) : t("c.case.noDoctor")}
      <span className="c-under">{inLocale(found.department.name, locale)}</span>
    </>
  );
}

function Opened({ found }: { found: Case }) {
  const locale = useLocale();
  return <time dateTime={found.opened_at}>{dateTime(parseTime(found.opened_at), locale)}</time>;
}

/** Open or closed; and beside it what nobody may overlook: danger signs, a hold, words that are sealed off or gone. */
function State({ found }: { found: Case }) {
  const t = useT();
  return (
    <span className="c-states">
      <Chip>{t(`c.state.${found.state}`)}</Chip>
      <Marks found={found} />
    </span>
  );
}

function Amount({ found }: { found: Case }) {
  const t = useT();
  return <>{t("c.case.counts", { messages: found.messages, recordings: found.recordings, files: found.files })}</>;
}

function Access({ found }: { found: Case }) {
  const t = useT();
  if (!found.grant) return <span className="secondary">{t("c.none")}</span>;
  return (
    <Link href={`/grants/${found.grant.id}`} aria-label={t("c.case.grantLink", { number: found.number, state: t(`c.grant.${found.grant.state}`) })}>
      <GrantChip state={found.grant.state} />
    </Link>
  );
}
