import type { Person } from "@core/protocol";

interface Part {
  text: string;
  called: boolean;
}

/** The words of a message, cut where somebody is called: "@孙婷". Of two names that begin alike the longer counts. */
export function partsOf(text: string, names: readonly string[]): Part[] {
  const parts: Part[] = [];
  const tags = names.map((name) => `@${name}`).sort((a, b) => b.length - a.length);
  let plain = "";
  const flush = () => {
    if (plain) parts.push({ text: plain, called: false });
    plain = "";
  };
  for (let at = 0; at < text.length; ) {
    const tag = text[at] === "@" ? tags.find((one) => text.startsWith(one, at)) : undefined;
    if (tag) {
      flush();
      parts.push({ text: tag, called: true });
    } else plain += text[at] ?? "";
    at += tag?.length ?? 1;
  }
  flush();
  return parts;
}

/** Who of `people` is called in a text, each once. */
export function calledIn(text: string, people: readonly Person[]): string[] {
  const called = new Set(partsOf(text, people.map((person) => person.name)).flatMap((part) => (part.called ? [part.text.slice(1)] : [])));
  return people.filter((person) => called.has(person.name)).map((person) => person.id);
}
