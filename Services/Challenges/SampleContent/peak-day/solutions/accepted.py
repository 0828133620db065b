import sys


def main():
    data = list(map(int, sys.stdin.read().split()))
    readings = data[1:1 + data[0]]
    best_day, best_use = 0, -1
    for day in range(1, len(readings)):
        use = (readings[day] - readings[day - 1]) % 100000
        if use > best_use:
            best_day, best_use = day, use
    print(best_day, best_use)


main()
