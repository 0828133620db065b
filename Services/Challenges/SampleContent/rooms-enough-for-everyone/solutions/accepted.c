#include <stdio.h>
#include <stdlib.h>

static int starts[2000], ends[2000];

static int ascending(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

int main(void)
{
    int n, most = 0, when = 0;

    if (scanf("%d", &n) != 1)
        return 1;
    for (int i = 0; i < n; i++)
        if (scanf("%d %d", &starts[i], &ends[i]) != 2)
            return 1;
    qsort(starts, n, sizeof *starts, ascending);
    qsort(ends, n, sizeof *ends, ascending);
    for (int i = 0, finished = 0; i < n; i++) {
        while (ends[finished] <= starts[i])
            finished++;
        if (i + 1 - finished > most) {
            most = i + 1 - finished;
            when = starts[i];
        }
    }
    printf("%d %d\n", most, when);
    return 0;
}
