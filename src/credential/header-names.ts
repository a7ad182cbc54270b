/** Headers of the vendors whose value is a static key. */
export const API_KEY_HEADERS = [
  "x-api-key",
  "api-key",
  "apikey",
  "ocp-apim-subscription-key",
  "x-functions-key",
  "x-goog-api-key",
  "x-auth-token",
  "x-vault-token",
  "x-consul-token",
  "private-token",
  "x-registry-auth",
] as const;

/** Headers in which identity-aware proxies tell the service behind them who is there. */
export const ASSERTION_HEADERS = [
  "cf-access-jwt-assertion",
  "x-goog-iap-jwt-assertion",
  "x-amzn-oidc-data",
  "x-amzn-oidc-accesstoken",
  "x-ms-token-aad-access-token",
  "x-serverless-authorization",
  "x-forwarded-access-token",
  "x-auth-request-access-token",
] as const;

/**
 * Headers in which whoever ended TLS tells the service behind it what certificate the client has: Envoy, Linkerd,
 * RFC 9440, AWS ALB, ingress-nginx, Azure App Service.
 */
export const PEER_HEADERS = [
  "x-forwarded-client-cert",
  "l5d-client-id",
  "client-cert",
  "x-amzn-mtls-clientcert-leaf",
  "x-amzn-mtls-clientcert",
  "ssl-client-cert",
  "x-arr-clientcert",
  "x-amzn-mtls-clientcert-subject",
  "ssl-client-subject-dn",
] as const;

/** A header's name as it is, and with `_` for `-`, as Python and the Java agent write some. */
export function withSpellings(header: string): readonly string[] {
  return header.includes("-") ? [header, header.replaceAll("-", "_")] : [header];
}
