# Takes as many of the largest stamps as fit. Plausible, and wrong for 30 from 25, 10 and 1.
import sys

data = list(map(int, sys.stdin.read().split()))
kinds, amount = data[0], data[1]
stamps = sorted(((data[2 + 2 * i], data[3 + 2 * i]) for i in range(kinds)), reverse=True)
used = 0
for value, stock in stamps:
    take = min(stock, amount // value)
    used += take
    amount -= take * value
print(used if amount == 0 else -1)
