import sys
from collections import deque


def main():
    lines = sys.stdin.read().split()
    rows, cols = int(lines[0]), int(lines[1])
    # A frame of walls saves every bounds check.
    width = cols + 2
    grid = "#" * width + "".join(f"#{row}#" for row in lines[2:2 + rows]) + "#" * width
    start = grid.index("S")
    seen = [bytearray(64) for _ in grid]
    seen[start][0] = 1
    queue = deque([(start, 0, 0)])
    while queue:
        cell, keys, steps = queue.popleft()
        for move in (1, -1, width, -width):
            to = cell + move
            char = grid[to]
            if char == "#" or ("A" <= char <= "F" and not keys >> (ord(char) - 65) & 1):
                continue
            if char == "X":
                print(steps + 1)
                return
            held = keys | 1 << (ord(char) - 97) if "a" <= char <= "f" else keys
            if not seen[to][held]:
                seen[to][held] = 1
                queue.append((to, held, steps + 1))
    print(-1)


main()
