import type { CredentialProfile } from "../model/credential.ts";

/** True for a token by which a workload says which one it is: a SPIFFE id's, a Kubernetes service account's, a WIMSE one's. */
export function isWorkloadToken({ role, subject }: CredentialProfile): boolean {
  return role === "workload_identity" || (subject !== null && /^(?:spiffe:\/\/|system:serviceaccount:)/u.test(subject));
}
