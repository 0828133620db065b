# Right, but looks at every pair: 5,000,000,000 of them in the largest test.
import sys

n, tolerance, t, a, c, m = map(int, sys.stdin.read().split())
times = []
for _ in range(n):
    times.append(t)
    t = (a * t + c) % m
late = 0
for j in range(n):
    limit = times[j] + tolerance
    for i in range(j):
        if times[i] > limit:
            late += 1
print(late)
