#include <stdio.h>

static int fewest[5001];

int main(void)
{
    int kinds, amount;

    if (scanf("%d %d", &kinds, &amount) != 2)
        return 1;
    const int never = amount + 1;
    for (int total = 1; total <= amount; total++)
        fewest[total] = never;
    for (int i = 0; i < kinds; i++) {
        int value, stock;
        if (scanf("%d %d", &value, &stock) != 2)
            return 1;
        /* One stamp at a time, from the top, so that no stamp is used twice. */
        for (int copy = 0; copy < stock; copy++)
            for (int total = amount; total >= value; total--)
                if (fewest[total - value] + 1 < fewest[total])
                    fewest[total] = fewest[total - value] + 1;
    }
    printf("%d\n", fewest[amount] < never ? fewest[amount] : -1);
    return 0;
}
