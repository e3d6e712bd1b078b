// Hosts: a list of disclosures, whose bodies are made when they are opened.

let hosts, hostPages;
const hostHay = new Map();

const hayOfHost = (host) => {
  if (!hostHay.has(host)) hostHay.set(host, [host.host, host.entry, ...host.namespaces].join(" ").toLowerCase());
  return hostHay.get(host);
};

const placeLink = (place) => el("a", { class: "place", href: link("files", { source: place.file, row: place.row || place.line }), title: place.file }, shortName(place.file) + (place.line ? ":" + place.line : ""));

const objectName = (object) => `${object.kind} ${object.namespace ? object.namespace + "/" : ""}${object.name}`;

const outputLink = (line) => el("a", { class: "place", href: link("files", { object: line.object, line: line.line }) }, `${objectName(report.objects[line.object])}:${line.line}`);

const ruleTable = (rules, side, pair) => {
  if (!rules.length) return el("p", { class: "none" }, "No rule: nothing is served here.");
  const rows = rules.map((rule, i) => {
    const row = rowOf({ class: stateClass(rule.status) },
      el("td", { role: "cell", class: "num" }, String(i + 1), " ", badge(rule.status)),
      cell("Request", el("span", { class: "match" }, rule.match),
        el("small", {}, rule.object ? outputLink(rule.object) : null, rule.object && rule.place ? " from " : null, rule.place ? placeLink(rule.place) : null)),
      cell("Does", rule.action, rule.details.length ? el("ul", {}, rule.details.map((d) => el("li", {}, d))) : null));
    for (const on of ["mouseenter", "focusin"]) row.addEventListener(on, () => pair(side, i, true));
    for (const off of ["mouseleave", "focusout"]) row.addEventListener(off, () => pair(side, i, false));
    return row;
  });
  return tableOf("rules cards", ["#", "Request", "What is done"], rows);
};

const differenceCard = (host, difference) => {
  const named = (i) => i < 0 ? "no rule" : `rule ${i + 1}`;
  const causes = difference.findings.length ? el("p", {}, el("a", { href: link("findings", { only: difference.findings.join(",") }) },
    `Explained by ${[...new Set(difference.findings.map((i) => report.findings[i].id))].join(", ")}`)) : null;
  return el("article", { class: "difference" + (difference.opens ? " opens" : "") },
    el("p", { class: "request" }, el("code", {}, difference.request),
      difference.aspects.map((a) => el("span", { class: "tag" }, a)),
      difference.possible ? el("span", { class: "tag" }, "on some implementations") : null,
      difference.opens ? el("span", { class: "badge bad" }, sign("lost"), "Refused today, let in afterwards") : null),
    el("div", { class: "sides" },
      el("p", {}, el("b", {}, `Today, ${named(difference.before)}: `), difference.beforeDoes),
      el("p", {}, el("b", {}, `Afterwards, ${named(difference.after)}: `), difference.afterDoes)),
    difference.curl ? copyable(difference.curl) : null, causes);
};

const hostBody = (host) => {
  const tables = [ruleTable(host.before, 0, (...a) => pair(...a)), ruleTable(host.after, 1, (...a) => pair(...a))];
  const pair = (side, i, on) => {
    const own = [host.before, host.after][side][i];
    for (const j of own.pairs) {
      const row = tables[1 - side].tBodies && tables[1 - side].tBodies[0].rows[j];
      if (row) row.classList.toggle("paired", on);
    }
  };
  const left = host.omitted ? el("p", { class: "about" }, `${count(host.omitted, "more difference")} of this host are not listed.`) : null;
  return el("div", { class: "body" },
    el("p", { class: "about" }, host.namespaces.length ? `Routed by ${host.namespaces.join(", ")}. ` : "", host.paired),
    host.reason ? el("p", {}, el("b", {}, "Not proven: "), host.reason) : null,
    host.differences.map((d) => differenceCard(host, d)), left,
    el("div", { class: "sides aligned" },
      el("div", {}, el("h3", {}, "Today: Istio"), graph("Routes today", host.host, host.before, host.differences, 0), tables[0]),
      el("div", {}, el("h3", {}, "Afterwards: Gateway API"), graph("Routes afterwards", host.host, host.after, host.differences, 1), tables[1])));
};

const hostItem = (host) => {
  const sums = `${count(host.before.length, "rule")} → ${count(host.after.length, "rule")}` + (host.differences.length ? `, ${count(host.differences.length + host.omitted, "difference")}` : "");
  return lazily(el("details", { class: "host" }, el("summary", {}, badge(host.verdict),
    el("span", { class: "name" }, host.host), el("span", { class: "entry" }, host.entry), el("span", { class: "sum" }, sums))), () => hostBody(host));
};

const filterHosts = () => {
  const all = words(controls.host.get());
  const some = hosts.filter((h) => chosen("verdict", h.verdict) && holds(hayOfHost(h), all));
  hostPages.show(some);
  $("hosts-shown").textContent = hosts.length ? `${some.length} of ${count(hosts.length, "host")}` : "";
  if (hosts.length && !some.length) $("hosts-list").append(el("p", { class: "none" }, "No host is like that."));
};

const openHost = (index) => {
  const item = hosts[index] && hostPages.reach(hosts[index]);
  if (!item) return;
  item.open = true;
  item.querySelector("summary").focus({ preventScroll: true });
  item.scrollIntoView();
};

const startHosts = () => {
  hosts = report.hosts;
  hostPages = paged($("hosts-list"), $("hosts-more"), 50, hostItem);
  const changed = () => { filterHosts(); keep("hosts"); say($("hosts-shown").textContent); };
  bindSearch(document.querySelector("[data-key=host]"), changed);
  const verdicts = new Map(tally(hosts, (h) => h.verdict));
  bindChips(document.querySelector("[data-key=verdict]"), ["differs", "not proven", "equal"].map((v) => [v, verdicts.get(v) || 0]), changed);
  filterOf.hosts = filterHosts;
  arrows($("hosts-list"));
};
