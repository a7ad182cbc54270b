import { networkOf } from "../model/address.ts";

/** Where an address lies: the position in this list is its number in flags and shapes. */
export const ORIGINS = ["unknown", "private", "public"] as const;

/** The number of {@link ORIGINS} for a text that may be an address. */
export function classifyAddress(text: string): number {
  return ORIGINS.indexOf(networkOf(text) ?? "unknown");
}
