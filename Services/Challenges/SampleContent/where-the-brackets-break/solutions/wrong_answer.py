# Counts each kind of bracket on its own, so "([)]" looks balanced.
import sys

line = sys.stdin.readline().rstrip("\n")
pairs = {")": "(", "]": "[", "}": "{"}
open_now = {"(": 0, "[": 0, "{": 0}
for position, char in enumerate(line, start=1):
    if char in open_now:
        open_now[char] += 1
    elif char in pairs:
        open_now[pairs[char]] -= 1
        if open_now[pairs[char]] < 0:
            print(position)
            break
else:
    print(len(line) + 1 if any(open_now.values()) else "ok")
