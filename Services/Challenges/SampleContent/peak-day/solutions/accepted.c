#include <stdio.h>

int main(void)
{
    int n, previous, current, best_day = 0, best_use = -1;

    if (scanf("%d %d", &n, &previous) != 2)
        return 1;
    for (int day = 1; day < n; day++) {
        if (scanf("%d", &current) != 1)
            return 1;
        int use = current - previous;
        if (use < 0)
            use += 100000;
        if (use > best_use) {
            best_use = use;
            best_day = day;
        }
        previous = current;
    }
    printf("%d %d\n", best_day, best_use);
    return 0;
}
