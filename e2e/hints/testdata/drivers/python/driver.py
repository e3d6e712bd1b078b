"""Makes the calls that standard input names."""

import concurrent.futures
import sys

sys.path.insert(0, "calls")

import bounded_shop_calls
import flaky_shop_calls
import fragile_shop_calls
import late_shop_calls
import narrow_shop_calls

RULES = {
    "flaky": (flaky_shop_calls, flaky_shop_calls.default),
    "flaky-rule1": (flaky_shop_calls, flaky_shop_calls.rule_1),
    "late": (late_shop_calls, late_shop_calls.default),
    "bounded": (bounded_shop_calls, bounded_shop_calls.default),
    "fragile": (fragile_shop_calls, fragile_shop_calls.default),
    "narrow": (narrow_shop_calls, narrow_shop_calls.default),
}


def call(service, method, url):
    module, rule = RULES[service]
    body = b"body" if method in ("POST", "PUT") else None
    try:
        answer = rule.send(module.client.build_request(method, url, content=body))
    except Exception as error:
        print(repr(error), file=sys.stderr)
        return "error"
    return str(answer.status_code) if answer.text else "error"


with concurrent.futures.ThreadPoolExecutor() as pool:
    for line in sys.stdin:
        n, service, method, url = line.split()
        results = pool.map(lambda _: call(service, method, url), range(int(n)))
        print(*sorted(results), flush=True)
