# Starts are handled before ends, so meetings that only touch seem to overlap.
import sys

data = list(map(int, sys.stdin.read().split()))
events = []
for i in range(data[0]):
    events.append((data[1 + 2 * i], 0))
    events.append((data[2 + 2 * i], 1))
events.sort()
in_use = most = when = 0
for time, is_end in events:
    in_use += -1 if is_end else 1
    if in_use > most:
        most, when = in_use, time
print(most, when)
