const [count, ...rest] = require('fs').readFileSync(0, 'utf8').trim().split(/\s+/);
const releases = rest.slice(0, Number(count));

function parse(text) {
  const version = text.split('+', 1)[0];
  const dash = version.indexOf('-');
  const core = dash < 0 ? version : version.slice(0, dash);
  return {
    text,
    numbers: core.split('.').map(Number),
    pre: dash < 0 ? null : version.slice(dash + 1).split('.'),
  };
}

function compareIdentifiers(a, b) {
  const aNumeric = /^[0-9]+$/.test(a);
  const bNumeric = /^[0-9]+$/.test(b);
  if (aNumeric && bNumeric) return Number(a) - Number(b);
  if (aNumeric !== bNumeric) return aNumeric ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compare(a, b) {
  for (let i = 0; i < 3; i++) {
    if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i];
  }
  if (a.pre === null || b.pre === null) return (a.pre === null) - (b.pre === null);
  for (let i = 0; i < Math.min(a.pre.length, b.pre.length); i++) {
    const order = compareIdentifiers(a.pre[i], b.pre[i]);
    if (order !== 0) return order;
  }
  return a.pre.length - b.pre.length;
}

console.log(releases.map(parse).sort(compare).map((release) => release.text).join('\n'));
