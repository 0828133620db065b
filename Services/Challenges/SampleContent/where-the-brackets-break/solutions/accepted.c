#include <stdio.h>

static char stack[20001];

int main(void)
{
    int depth = 0, position = 0, c;

    while ((c = getchar()) != EOF && c != '\n') {
        position++;
        if (c == '(' || c == '[' || c == '{') {
            stack[depth++] = (char)c;
        } else if (c == ')' || c == ']' || c == '}') {
            char wanted = c == ')' ? '(' : c == ']' ? '[' : '{';
            if (depth == 0 || stack[--depth] != wanted) {
                printf("%d\n", position);
                return 0;
            }
        }
    }
    if (depth > 0)
        printf("%d\n", position + 1);
    else
        puts("ok");
    return 0;
}
