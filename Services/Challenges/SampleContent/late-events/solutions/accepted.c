#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int64_t times[100000], merged[100000];
static int64_t tolerance;

static int64_t count(int from, int to)
{
    if (to - from < 2)
        return 0;
    int middle = from + (to - from) / 2;
    int64_t total = count(from, middle) + count(middle, to);

    for (int i = from, j = middle; i < middle; i++) {
        while (j < to && times[j] < times[i] - tolerance)
            j++;
        total += j - middle;
    }
    for (int i = from, j = middle, k = from; k < to; k++)
        merged[k] = j == to || (i < middle && times[i] <= times[j]) ? times[i++] : times[j++];
    memcpy(times + from, merged + from, (size_t)(to - from) * sizeof *times);
    return total;
}

int main(void)
{
    long long n, d, t, a, c, m;

    if (scanf("%lld %lld %lld %lld %lld %lld", &n, &d, &t, &a, &c, &m) != 6)
        return 1;
    tolerance = d;
    for (int i = 0; i < n; i++) {
        times[i] = t;
        t = (a * t + c) % m;
    }
    printf("%lld\n", (long long)count(0, (int)n));
    return 0;
}
