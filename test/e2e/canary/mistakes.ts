import { TELLING } from "./secrets.ts";

/*
 * Texts of people with a credential where something else belongs. None of them can be taken, and none may be repeated.
 */

const TOKENS = [TELLING.access, TELLING.github, TELLING.stripe, TELLING.slack].map((token) => token ?? "");

/** Bodies of a baseline, a token in each: as a name, a value, a number, a comment, and where YAML ends. */
export const BASELINES: readonly string[] = TOKENS.flatMap((token) => [
  `services: { "${token}": {} }\n`,
  `services: { web: { "${token}": 1 } }\n`,
  `services: { web: { owner: "${token}" } }\n`,
  `services: { web: { criticality: "${token}" } }\n`,
  `services: { web: { calls: { "${token}": { token: { mode: "${token}" } } } } }\n`,
  `services: { stock: { accepts: [{ issuer: "${token}", audiences: ["${token}"] }] } }\n`,
  `settings: { exceptionMax: "${token}" }\nservices: {}\n`,
  `include: ["${token}"]\nservices: {}\n`,
  `services: {} # ${token}\n`,
  `services: [${token}\n`,
  `services: *${token}\n`,
  `services: !${token} {}\n`,
  `services: {}\n${token}\n`,
  `services: {}\nservices: {}\n"${token}": {}\n"${token}": {}\n`,
]);

/** Attribute maps, likewise. */
export const ATTRIBUTE_MAPS: readonly string[] = TOKENS.flatMap((token) => [
  `attributes: [{ attribute: "${token} ", slot: authorization, fact: header }]`,
  `attributes: [{ attribute: a, slot: "${token}", fact: header }]`,
  `attributes: [{ attribute: a, slot: authorization, fact: "${token}" }]`,
  `"${token}": []`,
  `sessionCookies: ["${token};"]`,
  `attributes: [${token}`,
  token,
]);

/** What may stand on standard input of `observe credential --stdin` and is not one credential. */
export const NO_CREDENTIALS: readonly string[] = TOKENS.flatMap((token) => [
  `${token}\n${token}`,
  `X-Unknown: ${token}`,
]);

/** Command lines with a token where something else belongs; they take a database. */
export const COMMAND_LINES: readonly (readonly string[])[] = TOKENS.flatMap((token) => [
  ["observe", "edges", `--${token}`],
  ["observe", token],
  ["observe", "credential", token],
  ["observe", "credential", "--stdin", token],
  ["observe", "edges", "--since", token],
  ["observe", "edges", "-o", token],
  ["observe", "blast-radius", token],
  ["alerts", "show", token],
  ["alerts", "list", "--rule", token],
  ["alerts", "dismiss", token, "--reason", token],
  ["alerts", "acknowledge", "01", "--until", token],
  ["keys", "erase", token],
]);

/** Those that take none. */
export const OTHER_COMMAND_LINES: readonly (readonly string[])[] = TOKENS.flatMap((token) => [
  [token],
  [`--${token}`],
  ["observe", "edges", "--db", token],
  ["serve", "--api", token],
  ["check", "--input", token, "--baseline", token],
  ["baseline", "lint", "--baseline", token],
  ["explain", token],
]);
