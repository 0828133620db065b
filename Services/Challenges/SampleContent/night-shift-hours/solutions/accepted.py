import sys


def minutes(clock):
    hours, mins = clock.split(":")
    return int(hours) * 60 + int(mins)


tokens = sys.stdin.read().split()
shifts = int(tokens[0])
total = 0
for i in range(shifts):
    start, end = minutes(tokens[1 + 2 * i]), minutes(tokens[2 + 2 * i])
    total += (end - start) % 1440
print(f"{total // 60}:{total % 60:02d}")
