const lines = require('fs').readFileSync(0, 'utf8').split('\n');
const [capacity, operations] = lines[0].split(' ').map(Number);

// A Map remembers insertion order, so removing and adding again makes a key the newest.
const cache = new Map();
const out = [];
for (const line of lines.slice(1, 1 + operations)) {
  const [op, key, value] = line.trim().split(' ');
  if (op === 'put') {
    cache.delete(key);
    cache.set(key, value);
    if (cache.size > capacity) cache.delete(cache.keys().next().value);
  } else if (op === 'get') {
    if (cache.has(key)) {
      const found = cache.get(key);
      cache.delete(key);
      cache.set(key, found);
      out.push(found);
    } else {
      out.push('miss');
    }
  } else {
    cache.delete(key);
  }
}
out.push(cache.size > 0 ? [...cache.keys()].reverse().join(' ') : 'empty');
console.log(out.join('\n'));
