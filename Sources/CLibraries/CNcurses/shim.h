#ifndef CNCURSES_SHIM_H
#define CNCURSES_SHIM_H

// Both choose the wide-character API, and must be there before the header.
#define _XOPEN_SOURCE_EXTENDED 1
#define NCURSES_WIDECHAR 1
// Without it `bool` and the names of a screen's parts become macros that Swift cannot see through.
#define NCURSES_ENABLE_STDBOOL_H 1

#include <locale.h>
#include <ncursesw/curses.h>
#include <stdio.h>

// Attribute macros carry casts and shifts, which do not import.
static const attr_t cncurses_bold = A_BOLD;
static const attr_t cncurses_dim = A_DIM;
static const attr_t cncurses_reverse = A_REVERSE;
static const attr_t cncurses_underline = A_UNDERLINE;

// A failed tigetstr gives (char *)-1, which Swift would take for a string.
static inline const char *cncurses_string(const char *capability) {
    const char *value = tigetstr((char *)capability);
    return value == (const char *)-1 ? NULL : value;
}

// cchar_t is opaque in the Swift importer's eyes where ext_color exists; the pair goes through the extension pointer, beyond 32767 too.
static inline int cncurses_put(WINDOW *window, int row, int column, const wchar_t *text, attr_t attributes, int pair) {
    cchar_t cell;
    if (setcchar(&cell, text, attributes, 0, &pair) == ERR) return ERR;
    // Not wadd_wch, which fails in the lower right corner, where the cursor cannot go on.
    return wmove(window, row, column) == ERR ? ERR : wadd_wchnstr(window, &cell, 1);
}

// What one cell of a line that win_wchnstr read holds; text has room for CCHARW_MAX + 1.
static inline int cncurses_read(const cchar_t *cell, wchar_t *text, attr_t *attributes, int *pair) {
    short small = 0;
    return getcchar(cell, text, attributes, &small, pair);
}

#endif
