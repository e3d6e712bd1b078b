// Makes the calls that standard input names.
import { createInterface } from 'node:readline';

import * as bounded from './calls/bounded-shop-calls.mjs';
import * as flaky from './calls/flaky-shop-calls.mjs';
import * as fragile from './calls/fragile-shop-calls.mjs';
import * as late from './calls/late-shop-calls.mjs';
import * as narrow from './calls/narrow-shop-calls.mjs';

const rules = {
  flaky: flaky.defaultFetch,
  'flaky-rule1': flaky.rule1Fetch,
  late: late.defaultFetch,
  bounded: bounded.defaultFetch,
  fragile: fragile.defaultFetch,
  narrow: narrow.defaultFetch,
};

async function call(service, method, url) {
  try {
    const body = method === 'POST' || method === 'PUT' ? 'body' : undefined;
    const answer = await rules[service](url, { method, body });
    return (await answer.text()) === '' ? 'error' : String(answer.status);
  } catch (error) {
    console.error(error);
    return 'error';
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [n, service, method, url] = line.split(' ');
  const results = await Promise.all(Array.from({ length: Number(n) }, () => call(service, method, url)));
  console.log(results.sort().join(' '));
}
process.exit(0);
