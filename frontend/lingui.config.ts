import { formatter } from "@lingui/format-json";
import type { LinguiConfig } from "@lingui/conf";

/** One catalog per folder, so that a surface downloads only its own words. */
const OWNERS = [
  "src/ui",
  "src/ui/staff",
  "src/ui/talk",
  "src/ui/search",
  "src/ui/voice",
  "src/ui/calls",
  "src/ui/captions",
  "src/ui/capture",
  "src/ui/rooms",
  "src/ui/attachments",
  "src/ui/notices",
  "src/ui/security",
  "src/surfaces/sign-in",
  "src/surfaces/patient",
  "src/surfaces/patient/intake",
  "src/surfaces/patient/chat",
  "src/surfaces/patient/pages",
  "src/surfaces/doctor",
  "src/surfaces/doctor/followups",
  "src/surfaces/doctor/review",
  "src/surfaces/compliance",
  "src/surfaces/compliance/log",
  "src/surfaces/compliance/oversight",
  "src/surfaces/compliance/sampling",
  "src/surfaces/admin",
];

const config: LinguiConfig = {
  locales: ["zh-Hans", "en"],
  sourceLocale: "zh-Hans",
  format: formatter({ style: "minimal" }),
  catalogs: OWNERS.map((owner) => ({
    path: `<rootDir>/${owner}/locales/{locale}`,
    include: [`<rootDir>/${owner}`],
  })),
};

export default config;
