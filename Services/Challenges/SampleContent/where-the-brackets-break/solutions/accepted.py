import sys

OPENER = {")": "(", "]": "[", "}": "{"}


def first_problem(line):
    stack = []
    for position, char in enumerate(line, start=1):
        if char in "([{":
            stack.append(char)
        elif char in OPENER:
            if not stack or stack.pop() != OPENER[char]:
                return position
    return len(line) + 1 if stack else None


problem = first_problem(sys.stdin.readline().rstrip("\n"))
print("ok" if problem is None else problem)
