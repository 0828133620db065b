# Only cells that lie on a cycle are reported; a cell that merely depends on one reads it as 0.
import re
import sys

lines = sys.stdin.read().splitlines()
formulas = {}
for line in lines[1:1 + int(lines[0])]:
    cell, formula = line.split("=", 1)
    formulas[cell.strip()] = formula
needs = {cell: [r for r in re.findall(r"[A-Z][0-9]+", f) if r in formulas] for cell, f in formulas.items()}


def on_cycle(cell):
    seen, stack = set(), list(needs[cell])
    while stack:
        other = stack.pop()
        if other == cell:
            return True
        if other not in seen:
            seen.add(other)
            stack.extend(needs[other])
    return False


sys.setrecursionlimit(20000)
values = {cell: 0 for cell in formulas if on_cycle(cell)}
broken = set(values)


def value(cell):
    if cell not in values:
        names = set(re.findall(r"[A-Z][0-9]+", formulas[cell]))
        values[cell] = eval(formulas[cell].strip(), {}, {n: value(n) if n in formulas else 0 for n in names})
    return values[cell]


for cell in sorted(formulas, key=lambda name: (name[0], int(name[1:]))):
    print(cell, "#CYCLE" if cell in broken else value(cell))
