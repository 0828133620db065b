const lines = require('fs').readFileSync(0, 'utf8').split('\n');
const formulas = new Map();
for (const line of lines.slice(1, 1 + Number(lines[0]))) {
  const equals = line.indexOf('=');
  formulas.set(line.slice(0, equals).trim(), line.slice(equals + 1).match(/[A-Z][0-9]+|[0-9]+|[-+*()]/g));
}

// A cell is 'open' while its own formula is being worked out: to meet it again then is a cycle.
// CYCLE poisons every formula it appears in, which is what the task asks of dependent cells.
const CYCLE = Symbol('cycle');
const OPEN = Symbol('open');
const memo = new Map();

const apply = (operator, a, b) => {
  if (a === CYCLE || b === CYCLE) return CYCLE;
  return operator === '+' ? a + b : operator === '-' ? a - b : a * b;
};

function cellValue(name) {
  if (!formulas.has(name)) return 0n;
  if (memo.get(name) === OPEN) return CYCLE;
  if (memo.has(name)) return memo.get(name);
  memo.set(name, OPEN);
  const value = evaluate(formulas.get(name));
  memo.set(name, value);
  return value;
}

function evaluate(tokens) {
  let at = 0;
  const total = () => {
    let result = product();
    while (tokens[at] === '+' || tokens[at] === '-') result = apply(tokens[at++], result, product());
    return result;
  };
  const product = () => {
    let result = factor();
    while (tokens[at] === '*') result = apply(tokens[at++], result, factor());
    return result;
  };
  const factor = () => {
    const token = tokens[at++];
    if (token === '-') return apply('-', 0n, factor());
    if (token === '(') {
      const result = total();
      at++;
      return result;
    }
    return /[A-Z]/.test(token) ? cellValue(token) : BigInt(token);
  };
  return total();
}

const key = (name) => [name[0], Number(name.slice(1))];
const names = [...formulas.keys()].sort((a, b) => {
  const [columnA, rowA] = key(a);
  const [columnB, rowB] = key(b);
  return columnA === columnB ? rowA - rowB : columnA < columnB ? -1 : 1;
});
console.log(names.map((name) => {
  const value = cellValue(name);
  return `${name} ${value === CYCLE ? '#CYCLE' : value}`;
}).join('\n'));
