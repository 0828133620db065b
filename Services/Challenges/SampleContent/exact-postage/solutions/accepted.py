import sys


def main():
    data = list(map(int, sys.stdin.read().split()))
    kinds, amount = data[0], data[1]
    never = amount + 1
    fewest = [0] + [never] * amount
    for i in range(kinds):
        value, stock = data[2 + 2 * i], data[3 + 2 * i]
        # Bundles of 1, 2, 4, … stamps and the rest make every number up to the stock, each bundle used at most once.
        bundle = 1
        while stock > 0:
            take = min(bundle, stock)
            weight = take * value
            for total in range(amount, weight - 1, -1):
                candidate = fewest[total - weight] + take
                if candidate < fewest[total]:
                    fewest[total] = candidate
            stock -= take
            bundle *= 2
    print(fewest[amount] if fewest[amount] < never else -1)


main()
