import sys


def count_and_sort(times, tolerance):
    """Returns the number of late pairs in times and the sorted times."""
    if len(times) < 2:
        return 0, times
    middle = len(times) // 2
    in_left, left = count_and_sort(times[:middle], tolerance)
    in_right, right = count_and_sort(times[middle:], tolerance)
    total = in_left + in_right
    j, size = 0, len(right)
    for t in left:
        limit = t - tolerance
        while j < size and right[j] < limit:
            j += 1
        total += j
    return total, sorted(left + right)


def main():
    n, tolerance, t, a, c, m = map(int, sys.stdin.read().split())
    times = []
    for _ in range(n):
        times.append(t)
        t = (a * t + c) % m
    print(count_and_sort(times, tolerance)[0])


main()
