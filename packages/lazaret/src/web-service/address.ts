/** Hosts that are this machine: what is sent to them crosses no network. */
const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * What is wrong with the address of a web service, in words for whoever wrote it, or null.
 *
 * @param allowPlainHttp whether unencrypted HTTP to another machine is wanted, in so many words.
 */
export function addressProblem(text: string, allowPlainHttp: boolean): string | null {
  if (!URL.canParse(text)) return 'must be an address such as https://ids.example.org/api';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https://';
  if (url.username !== '' || url.password !== '') {
    return 'must not hold a password; use tokenFile or tokenEnv';
  }
  // A configuration is stored and shown, and what stands in a query is often a key.
  if (url.search !== '' || url.hash !== '') return 'must have neither a query nor a fragment';
  if (url.protocol === 'https:' || LOCAL_HOSTS.has(url.hostname) || allowPlainHttp) return null;
  return 'must begin with https://, because identifiers are sent there; allowPlainHttp allows it';
}

/** The address in its one spelling: `HTTPS://Host:443/x` and `https://host/x` are the same. */
export function canonicalAddress(text: string): string {
  return new URL(text).href;
}
