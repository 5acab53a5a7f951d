import { useEffect, useId, useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { inLocale } from "@core/i18n";
import type { Person } from "@core/protocol";
import { getColleagues } from "@core/sides";
import { fullName } from "@ui/names";
import { useLocale } from "@ui/settings";
import { useT } from "../words";

interface PickerProps {
  label: string;
  /** Who is not offered: they are in it already. */
  without?: ReadonlySet<string>;
  onPick: (person: Person) => void;
  onCancel?: () => void;
}

/** A colleague by name: type, choose with the arrows, Enter. */
export function PeoplePicker({ label, without, onPick, onCancel }: PickerProps) {
  const t = useT();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const found = useQuery({ queryKey: ["colleagues", wanted], queryFn: () => getColleagues(wanted), placeholderData: (before) => before });
  const people = (found.data ?? []).filter((person) => !without?.has(person.id));
  const chosen = people[Math.min(at, people.length - 1)];
  useEffect(() => field.current?.focus(), []);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((now) => (Math.min(now, people.length - 1) + step + people.length) % Math.max(1, people.length));
    else if (event.key === "Enter" && !event.nativeEvent.isComposing && chosen) onPick(chosen);
    else if (event.key === "Escape" && onCancel) onCancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="d-picker">
      <label htmlFor={id}>{label}</label>
      <input
        ref={field}
        id={id}
        className="x-input"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen && `${id}-${chosen.id}`}
        aria-autocomplete="list"
        autoComplete="off"
        value={wanted}
        onChange={(event) => [setWanted(event.target.value), setAt(0)]}
        onKeyDown={onKeyDown}
        data-testid="d.people.search"
      />
      <div className="d-picker-list" id={`${id}-list`} role="listbox" aria-label={label}>
        {people.map((person) => (
          <Choice key={person.id} id={`${id}-${person.id}`} person={person} chosen={person === chosen} onPick={onPick} />
        ))}
      </div>
      {found.isSuccess && people.length === 0 && <p className="secondary">{t("d.people.none")}</p>}
    </div>
  );
}

function Choice({ id, person, chosen, onPick }: { id: string; person: Person; chosen: boolean; onPick: (person: Person) => void }) {
  const locale = useLocale();
  return (
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the field handles the keys of its options
    <div id={id} role="option" aria-selected={chosen} tabIndex={-1} onClick={() => onPick(person)} data-testid="d.people.option">
      <strong>{fullName(person, locale)}</strong>
      {person.department && <span className="secondary">{inLocale(person.department, locale)}</span>}
    </div>
  );
}
