# SPDX-License-Identifier: MIT
"""Rows of figures as text."""


def print_table(rows):
    """rows: dictionaries with the same keys, in the same order."""
    names = list(rows[0])
    cells = [names] + [[str(row[name]) for name in names] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    for line in cells:
        print("  ".join(cell.rjust(width)
                        for cell, width in zip(line, widths)))
