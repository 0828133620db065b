import re
import sys
from collections import Counter

k = int(sys.stdin.readline())
counts = Counter(re.findall(r"[a-z]+", sys.stdin.read().lower()))
ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
if not ranked:
    print("none")
for word, count in ranked[:k]:
    print(word, count)
