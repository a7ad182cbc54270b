import { InvalidArgumentError } from "commander";
import { ALERT_STATUSES, type AlertStatus } from "../../model/alert.ts";
import { RULE_IDS, type RuleId } from "../../model/finding.ts";
import type { Address } from "./options.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `24h` in milliseconds; units are s, m, h, d and w. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined)
    throw new InvalidArgumentError("Expected a duration such as 24h or 7d.");
  return Number(amount) * (UNIT_MS[unit] ?? 0);
}

/** An ISO 8601 date or time in milliseconds since 1970; UTC where it names no zone. */
export function parseTime(text: string): number {
  const [, date, time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  const ms = Date.parse(`${date}T${time ?? "00:00"}${zone ?? "Z"}`);
  if (Number.isNaN(ms))
    throw new InvalidArgumentError("Expected an ISO 8601 time such as 2026-03-01 or 2026-03-01T10:00Z.");
  return ms;
}

/** A duration from now on, or an ISO 8601 time; answers with milliseconds since 1970. */
export function parseDeadline(text: string): (nowMs: number) => number {
  if (/^\d+[smhdw]$/.test(text)) {
    const ms = parseDuration(text);
    return (nowMs) => nowMs + ms;
  }
  const ms = parseTime(text);
  return () => ms;
}

/** `HOST:PORT`, the host of IPv6 in brackets. */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    throw new InvalidArgumentError("Expected HOST:PORT such as 127.0.0.1:4317 or [::1]:4317.");
  }
  return { host, port };
}

/** One origin as browsers send it, after those before it. */
export function collectOrigin(text: string, before: readonly string[]): readonly string[] {
  if (!URL.canParse(text) || new URL(text).origin !== text) {
    throw new InvalidArgumentError("Expected an origin such as https://review.example.org, without a path.");
  }
  return [...before, text];
}

/** Alert statuses with commas between; `all` is all of them. */
export function parseStatuses(text: string): readonly AlertStatus[] {
  if (text === "all") return ALERT_STATUSES;
  return parseList(text, ALERT_STATUSES, "all, or some of");
}

/** Rules with commas between. */
export function parseRules(text: string): readonly RuleId[] {
  return parseList(text, RULE_IDS, "some of");
}

function parseList<Word extends string>(text: string, words: readonly Word[], expected: string): readonly Word[] {
  return text.split(",").map((part) => {
    const word = words.find((one) => one === part.trim());
    if (word === undefined) throw new InvalidArgumentError(`Expected ${expected} ${words.join(", ")}.`);
    return word;
  });
}
