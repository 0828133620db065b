import heapq
import sys


def main():
    tokens = sys.stdin.read().split()
    n, m = int(tokens[0]), int(tokens[1])
    modules = tokens[2:2 + n]
    needs = set()
    for i in range(m):
        needs.add((tokens[2 + n + 2 * i], tokens[3 + n + 2 * i]))

    waiting = {module: 0 for module in modules}
    users = {module: [] for module in modules}
    for module, needed in needs:
        waiting[module] += 1
        users[needed].append(module)

    ready = [module for module in modules if waiting[module] == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        module = heapq.heappop(ready)
        order.append(module)
        for user in users[module]:
            waiting[user] -= 1
            if waiting[user] == 0:
                heapq.heappush(ready, user)
    print("\n".join(order) if len(order) == n else "cycle")


main()
