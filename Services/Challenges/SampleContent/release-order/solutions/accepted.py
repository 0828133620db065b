import sys


def precedence(version):
    version = version.split("+", 1)[0]
    core, _, pre = version.partition("-")
    numbers = tuple(int(part) for part in core.split("."))
    if not pre:
        return numbers, 1, ()
    # Numeric identifiers rank below textual ones; the kind is compared first, so 7 and "x" never meet.
    parts = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in pre.split("."))
    return numbers, 0, parts


lines = sys.stdin.read().split()
releases = lines[1:1 + int(lines[0])]
print("\n".join(sorted(releases, key=precedence)))
