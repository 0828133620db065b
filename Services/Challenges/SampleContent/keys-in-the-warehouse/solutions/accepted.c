#include <stdio.h>
#include <string.h>

#define SIDE 42

static char grid[SIDE][SIDE];
static int steps[SIDE * SIDE * 64];
static int queue[SIDE * SIDE * 64];

int main(void)
{
    static const int move[4] = { 1, -1, SIDE, -SIDE };
    const char *cells = &grid[0][0];
    int rows, cols, head = 0, tail = 0;

    memset(grid, '#', sizeof grid);
    memset(steps, -1, sizeof steps);
    if (scanf("%d %d", &rows, &cols) != 2)
        return 1;
    for (int r = 1; r <= rows; r++)
        for (int c = 1; c <= cols; c++) {
            if (scanf(" %c", &grid[r][c]) != 1)
                return 1;
            if (grid[r][c] == 'S') {
                int state = (r * SIDE + c) * 64;
                steps[state] = 0;
                queue[tail++] = state;
            }
        }
    while (head < tail) {
        int state = queue[head++];
        int cell = state / 64, keys = state % 64;
        for (int i = 0; i < 4; i++) {
            int to = cell + move[i], held = keys;
            char c = cells[to];
            if (c == '#' || (c >= 'A' && c <= 'F' && !(keys >> (c - 'A') & 1)))
                continue;
            if (c == 'X') {
                printf("%d\n", steps[state] + 1);
                return 0;
            }
            if (c >= 'a' && c <= 'f')
                held |= 1 << (c - 'a');
            if (steps[to * 64 + held] < 0) {
                steps[to * 64 + held] = steps[state] + 1;
                queue[tail++] = to * 64 + held;
            }
        }
    }
    puts("-1");
    return 0;
}
