import type { RedFlag } from "./protocol";
import { spokenPieces, type Segment } from "./transcripts";

/** Words that may speak of an emergency: of which one, and how it is said in Chinese and English. They point at a place to listen to;
 * whether it was denied ("没有胸痛"), asked or told is for a person to hear. The list needs a clinician's sign-off before clinical use. */
const PHRASES: readonly (readonly [RedFlag, RegExp])[] = [
  ["chest_pain", /胸[口部]?[^，。？！,.?!]{0,2}[痛疼闷]|心[口前][^，。？！,.?!]{0,2}[痛疼]|chest (?:pain|tightness|hurts)|(?:tight|pressure)[^.?!]{0,12} chest/gi],
  ["one_sided_weakness", /(?:一侧|半边|左[边侧]|右[边侧])[^，。？！,.?!]{0,6}(?:没力|无力|没劲|发?麻)|[嘴口]角?歪|(?:说话|言语)[^，。？！,.?!]{0,2}(?:不清|含糊)|slurred|droop\w*|one side[^.?!]{0,20}(?:weak|numb)\w*/gi],
  ["breathless", /喘不[上过]来?气|上不来气|呼吸困难|憋气|short(?:ness)? of breath|(?:can't|cannot|hard to|trouble) breath\w*/gi],
  ["heavy_bleeding", /大出血|血[^，。？！,.?!]{0,2}止不住|出血不止|[吐呕便咯咳]血|heavy bleeding|bleeding (?:heavily|a lot)|cough\w* (?:up )?blood|vomit\w* blood/gi],
  ["unconscious", /[晕昏]倒|昏迷|叫不醒|抽搐|faint(?:ed|ing)|passed out|unconscious|seizures?|convulsions?/gi],
  ["self_harm", /不想活|想死|轻生|自杀|伤害自己|suicid\w*|(?:kill|hurt|harm)(?:ing)? (?:my|your|him|her)self|want(?:s|ed)? to die/gi],
];

export interface Risk {
  /** Place of its line. */
  segment: number;
  flag: RedFlag;
  /** As it was said. */
  said: string;
  /** The second to play it from. */
  at: number;
}

/** What of a dialogue may speak of an emergency, in the order of time. */
export function risksIn(segments: readonly Segment[]): Risk[] {
  const found = segments.flatMap((line, segment) =>
    PHRASES.flatMap(([flag, phrase]) => [...line.text.matchAll(phrase)].map((match) => ({ segment, flag, said: match[0], at: timeOf(line, match.index) }))),
  );
  return found.sort((a, b) => a.at - b.at);
}

/** When the character at `place` of a line's text was said. */
function timeOf(line: Segment, place: number): number {
  let [from, at] = [0, line.start];
  for (const piece of spokenPieces(line)) {
    if (from > place) break;
    at = piece.at;
    from += piece.text.length;
  }
  return at;
}
