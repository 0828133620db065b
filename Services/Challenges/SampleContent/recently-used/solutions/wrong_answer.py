# A put on a key that is already there changes the value but does not count as a use.
import sys

lines = sys.stdin.read().splitlines()
capacity, operations = map(int, lines[0].split())
cache = {}
for line in lines[1:1 + operations]:
    op, key, *value = line.split()
    if op == "put":
        cache[key] = value[0]
        if len(cache) > capacity:
            del cache[next(iter(cache))]
    elif op == "get":
        if key in cache:
            cache[key] = cache.pop(key)
            print(cache[key])
        else:
            print("miss")
    else:
        cache.pop(key, None)
print(" ".join(reversed(cache)) if cache else "empty")
