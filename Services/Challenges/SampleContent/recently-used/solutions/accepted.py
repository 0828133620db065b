import sys
from collections import OrderedDict


def main():
    lines = sys.stdin.read().splitlines()
    capacity, operations = map(int, lines[0].split())
    cache = OrderedDict()
    out = []
    for line in lines[1:1 + operations]:
        op, key, *value = line.split()
        if op == "put":
            cache[key] = value[0]
            cache.move_to_end(key)
            if len(cache) > capacity:
                cache.popitem(last=False)
        elif op == "get":
            if key in cache:
                cache.move_to_end(key)
                out.append(cache[key])
            else:
                out.append("miss")
        else:
            cache.pop(key, None)
    out.append(" ".join(reversed(cache)) if cache else "empty")
    print("\n".join(out))


main()
