# Splits at white space and strips punctuation from the ends, so "re-read" stays one word.
import sys
from collections import Counter

k = int(sys.stdin.readline())
words = (w.strip(".,;:!?\"'()-") for w in sys.stdin.read().lower().split())
counts = Counter(w for w in words if w)
ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
if not ranked:
    print("none")
for word, count in ranked[:k]:
    print(word, count)
