const text = require('fs').readFileSync(0, 'latin1');
const lineEnd = text.indexOf('\n');
const k = Number.parseInt(text.slice(0, lineEnd), 10);

const counts = new Map();
for (const word of text.slice(lineEnd).toLowerCase().match(/[a-z]+/g) ?? []) {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}

const ranked = [...counts].sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1));
const lines = ranked.slice(0, k).map(([word, count]) => `${word} ${count}`);
console.log(lines.length === 0 ? 'none' : lines.join('\n'));
