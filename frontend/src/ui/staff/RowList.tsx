import type { ReactNode } from "react";
import { Header, ListBox, ListBoxItem, ListBoxSection } from "react-aria-components";
import "./rowlist.css";

export interface RowGroup<Item> {
  id: string;
  /** The group's heading, with its count. */
  title: ReactNode;
  items: readonly Item[];
}

export interface RowListProps<Item> {
  label: string;
  groups: readonly RowGroup<Item>[];
  idOf: (item: Item) => string;
  /** The sentence a screen reader hears and type-ahead matches. */
  textOf: (item: Item) => string;
  selected: string | null;
  onSelect: (id: string) => void;
  /** Extra data attributes of a row, such as data-triage. */
  hooks?: (item: Item) => Record<`data-${string}`, string | number | boolean | undefined>;
  children: (item: Item) => ReactNode;
}

/** A list of rows in named groups with one focus: arrows, Home, End, type-ahead; Enter or click opens. */
export function RowList<Item extends object>({ label, groups, idOf, textOf, selected, onSelect, hooks, children }: RowListProps<Item>) {
  return (
    <ListBox
      aria-label={label}
      className="x-rows"
      selectionMode="single"
      selectionBehavior="replace"
      disallowEmptySelection
      selectedKeys={selected ? [selected] : []}
      onAction={(key) => onSelect(String(key))}
      onSelectionChange={(keys) => {
        const [key] = keys === "all" ? [] : [...keys];
        if (key !== undefined) onSelect(String(key));
      }}
    >
      {groups
        .filter((group) => group.items.length > 0)
        .map((group) => (
          <ListBoxSection key={group.id} id={group.id} className="x-rows-group">
            <Header className="x-rows-title">{group.title}</Header>
            {group.items.map((item) => (
              <ListBoxItem key={idOf(item)} id={idOf(item)} textValue={textOf(item)} className="x-row" {...hooks?.(item)}>
                {children(item)}
              </ListBoxItem>
            ))}
          </ListBoxSection>
        ))}
    </ListBox>
  );
}
