import re
import sys

TOKEN = re.compile(r"[A-Z][0-9]+|[0-9]+|[-+*()]")


def evaluate(tokens, values):
    position = 0

    def peek():
        return tokens[position] if position < len(tokens) else ""

    def take():
        nonlocal position
        position += 1
        return tokens[position - 1]

    def total():
        result = product()
        while peek() in ("+", "-"):
            result = result + product() if take() == "+" else result - product()
        return result

    def product():
        result = factor()
        while peek() == "*":
            take()
            result *= factor()
        return result

    def factor():
        token = take()
        if token == "-":
            return -factor()
        if token == "(":
            result = total()
            take()
            return result
        return values.get(token, 0) if token[0].isalpha() else int(token)

    return total()


def main():
    lines = sys.stdin.read().splitlines()
    formulas = {}
    for line in lines[1:1 + int(lines[0])]:
        cell, formula = line.split("=", 1)
        formulas[cell.strip()] = TOKEN.findall(formula)

    users = {cell: [] for cell in formulas}
    waiting = {}
    for cell, tokens in formulas.items():
        needed = {token for token in tokens if token in formulas}
        waiting[cell] = len(needed)
        for other in needed:
            users[other].append(cell)

    values = {}
    ready = [cell for cell, count in waiting.items() if count == 0]
    while ready:
        cell = ready.pop()
        values[cell] = evaluate(formulas[cell], values)
        for user in users[cell]:
            waiting[user] -= 1
            if waiting[user] == 0:
                ready.append(user)

    for cell in sorted(formulas, key=lambda name: (name[0], int(name[1:]))):
        print(cell, values.get(cell, "#CYCLE"))


main()
