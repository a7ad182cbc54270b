/** A platform's own API, the audiences of tokens for it, and the hosts it answers on. */
type Platform = { readonly name: string; readonly audiences: RegExp; readonly hosts: RegExp };

const PLATFORMS: readonly Platform[] = [
  {
    name: "the Kubernetes API",
    audiences: /^(?:https:\/\/)?kubernetes(?:\.default(?:\.svc(?:\.[a-z0-9.-]+)?)?)?$/u,
    hosts: /^(?:kubernetes(?:\.default(?:\.svc(?:\..+)?)?)?|kube-apiserver(?:\..+)?)$/u,
  },
  {
    name: "AWS STS",
    audiences: /^(?:sts|pods\.eks)\.amazonaws\.com$/u,
    hosts: /(?:^|\.)amazonaws\.com(?:\.cn)?$|^169\.254\.170\.23$/u,
  },
  {
    name: "Microsoft Entra",
    audiences: /^api:\/\/AzureADTokenExchange(?:China|USGov|Germany)?$/u,
    hosts: /^(?:login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net)$/u,
  },
  {
    name: "Google Cloud's token exchange",
    audiences: /^(?:https:)?\/\/iam\.googleapis\.com\/projects\//u,
    hosts: /(?:^|\.)googleapis\.com$/u,
  },
];

/** The platform that a token with this audience is for; null for any other audience. */
export function platformOf(
  audience: string,
): { readonly name: string; readonly isAt: (host: string) => boolean } | null {
  const platform = PLATFORMS.find(({ audiences }) => audiences.test(audience));
  return platform === undefined ? null : { name: platform.name, isAt: (host) => platform.hosts.test(host) };
}
