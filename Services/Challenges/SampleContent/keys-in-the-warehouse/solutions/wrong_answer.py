# Remembers visited cells without the keys held there, so it can never walk back the way it came with a key.
import sys
from collections import deque

lines = sys.stdin.read().split()
rows, cols = int(lines[0]), int(lines[1])
grid = lines[2:2 + rows]
start = next((r, row.index("S")) for r, row in enumerate(grid) if "S" in row)
seen = {start}
queue = deque([(start, frozenset(), 0)])
answer = -1
while queue:
    (r, c), keys, steps = queue.popleft()
    if grid[r][c] == "X":
        answer = steps
        break
    for nr, nc in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
        if not (0 <= nr < rows and 0 <= nc < cols) or (nr, nc) in seen:
            continue
        char = grid[nr][nc]
        if char == "#" or (char in "ABCDEF" and char.lower() not in keys):
            continue
        seen.add((nr, nc))
        queue.append(((nr, nc), keys | {char} if char in "abcdef" else keys, steps + 1))
print(answer)
