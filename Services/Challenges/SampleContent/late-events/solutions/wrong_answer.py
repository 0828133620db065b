# Counts an event that is exactly as late as the tolerance allows (bisect_right instead of bisect_left).
import sys
from bisect import bisect_right


def count_and_sort(times, tolerance):
    if len(times) < 2:
        return 0, times
    middle = len(times) // 2
    in_left, left = count_and_sort(times[:middle], tolerance)
    in_right, right = count_and_sort(times[middle:], tolerance)
    across = sum(bisect_right(right, t - tolerance) for t in left)
    return in_left + in_right + across, sorted(left + right)


n, tolerance, t, a, c, m = map(int, sys.stdin.read().split())
times = []
for _ in range(n):
    times.append(t)
    t = (a * t + c) % m
print(count_and_sort(times, tolerance)[0])
