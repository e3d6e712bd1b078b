// The graph of a host: the host, its rules in order, and where they send requests.
// The table beside it says the same in words.

const mostRules = 30; // that a picture can show
const lineHeight = 34, letter = 6.8;

// measures of a picture; a phone has no room for the host, whose name stands above.
const wide = { all: 600, host: 98, rule: 112, ruleWidth: 236, target: 420 };
const narrow = { all: 340, host: 0, rule: 12, ruleWidth: 164, target: 216 };

const cut = (text, n) => { const all = [...text]; return all.length > n ? all.slice(0, n - 1).join("") + "…" : text; };

// targetsOf are the backends that an action names, with their shares, or what is
// done instead of forwarding.
const targetsOf = (action) => {
  const to = /^forwards to (.*)$/s.exec(action);
  if (!to) return [{ name: action, share: "" }];
  return to[1].split(/, (?!with status)/).map((part) => {
    const weighed = /^(.*) \(([\d.e+-]+ %)\)$/s.exec(part);
    return weighed ? { name: weighed[1], share: weighed[2] } : { name: part, share: "" };
  });
};

const box = (kind, x, y, width, text) => svg("g", { class: "node " + kind },
  svg("title", {}, text),
  svg("rect", { x, y: y - 12, width, height: 24, rx: 5 }),
  svg("text", { x: x + 8, y: y + 4 }, cut(text, Math.floor((width - 12) / letter))));

const edge = (kind, x1, y1, x2, y2) => svg("path", { class: "edge " + kind, d: `M${x1} ${y1}C${x1 + (x2 - x1) / 2} ${y1} ${x1 + (x2 - x1) / 2} ${y2} ${x2} ${y2}` });

// noRule stands for the requests that a side has no rule for, where the other has one.
const noRule = (differences, side) => {
  const one = differences.find((d) => (side ? d.after : d.before) < 0);
  return one ? [{ match: "anything else", action: side ? one.afterDoes : one.beforeDoes, status: "lost", none: true }] : [];
};

// graph draws one side: 0 is today, 1 is afterwards.
const graph = (title, host, rules, differences, side) => {
  const size = innerWidth < 700 ? narrow : wide;
  const some = [...rules.slice(0, mostRules), ...noRule(differences, side)];
  const names = [...new Set(some.flatMap((r) => targetsOf(r.action).map((t) => t.name)))];
  const rows = Math.max(1, some.length, names.length), height = rows * lineHeight + 12;
  const spread = (i, n) => 6 + (i + 0.5) * rows * lineHeight / n;
  const label = `${title}: ${host}, ${count(rules.length, "rule")}, ${count(names.length, "destination")}. The table says the same.`;
  const picture = svg("svg", { class: "graph", viewBox: `0 0 ${size.all} ${height}`, role: "img", "aria-label": label });
  const edges = svg("g"), nodes = svg("g"), middle = spread(0, 1);
  some.forEach((rule, i) => {
    const y = spread(i, some.length), kind = stateClass(rule.status) + (rule.status === "exact" ? "" : " changed");
    edges.append(edge(kind, size.host + 2, middle, size.rule, y));
    for (const { name, share } of targetsOf(rule.action)) {
      const to = spread(names.indexOf(name), names.length);
      edges.append(edge(kind, size.rule + size.ruleWidth, y, size.target, to));
      if (share) edges.append(svg("text", { class: "share", x: size.target - 22, y: y + (to - y) * 0.8 - 3, "text-anchor": "middle" }, share));
    }
    const mark = rule.status === "exact" ? "" : states[rule.status][1] + " ";
    nodes.append(box(kind, size.rule, y, size.ruleWidth, mark + (rule.none ? "" : `${i + 1}. `) + rule.match));
  });
  names.forEach((name, i) => nodes.append(box("target", size.target, spread(i, names.length), size.all - size.target - 2, name)));
  if (size.host) nodes.append(box("host", 2, middle, size.host, host));
  picture.append(edges, nodes);
  const parts = [picture];
  if (rules.length > mostRules) parts.push(el("p", { class: "about" }, `The first ${mostRules} of ${rules.length} rules; the table has all.`));
  return el("figure", {}, el("figcaption", {}, title), el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": title }, parts));
};
