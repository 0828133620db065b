import sys


def main():
    data = list(map(int, sys.stdin.read().split()))
    events = []
    for i in range(data[0]):
        events.append((data[1 + 2 * i], 1))
        events.append((data[2 + 2 * i], -1))
    # At the same moment -1 sorts before +1: a room is given back before the next meeting takes it.
    events.sort()
    in_use = most = when = 0
    for time, change in events:
        in_use += change
        if in_use > most:
            most, when = in_use, time
    print(most, when)


main()
