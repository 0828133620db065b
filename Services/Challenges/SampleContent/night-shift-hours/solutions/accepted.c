#include <stdio.h>

int main(void)
{
    int n, total = 0;

    if (scanf("%d", &n) != 1)
        return 1;
    for (int i = 0; i < n; i++) {
        int from_h, from_m, to_h, to_m;
        if (scanf("%d:%d %d:%d", &from_h, &from_m, &to_h, &to_m) != 4)
            return 1;
        int length = (to_h * 60 + to_m) - (from_h * 60 + from_m);
        total += length < 0 ? length + 1440 : length;
    }
    printf("%d:%02d\n", total / 60, total % 60);
    return 0;
}
