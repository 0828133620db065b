#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char names[500][21];
static unsigned char needs[500][500];
static int waiting[500], order[500];

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int index_of(const char *name, int n)
{
    const char (*found)[21] = bsearch(name, names, n, sizeof *names, by_name);
    return (int)(found - (const char (*)[21])names);
}

int main(void)
{
    int n, m, built = 0;

    if (scanf("%d %d", &n, &m) != 2)
        return 1;
    for (int i = 0; i < n; i++)
        if (scanf("%20s", names[i]) != 1)
            return 1;
    qsort(names, n, sizeof *names, by_name);
    for (int i = 0; i < m; i++) {
        char user[21], needed[21];
        if (scanf("%20s %20s", user, needed) != 2)
            return 1;
        int u = index_of(user, n), d = index_of(needed, n);
        if (!needs[u][d]) {
            needs[u][d] = 1;
            waiting[u]++;
        }
    }
    /* Names are sorted: the first module that waits for nothing is the right one. */
    for (built = 0; built < n; built++) {
        int next = 0;
        while (next < n && waiting[next] != 0)
            next++;
        if (next == n) {
            puts("cycle");
            return 0;
        }
        order[built] = next;
        waiting[next] = -1;
        for (int u = 0; u < n; u++)
            if (needs[u][next])
                waiting[u]--;
    }
    for (int i = 0; i < n; i++)
        puts(names[order[i]]);
    return 0;
}
