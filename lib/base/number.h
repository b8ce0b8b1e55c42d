/* SPDX-License-Identifier: MIT */
/* Numbers in text. Parsing accepts digits only: no sign, no white space, no
 * prefix; a value above `maximum` is refused. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "lib/base/span.h"

bool number_parse(
    struct span text, uint64_t maximum, uint64_t *number) MUST_USE;
/* Hexadecimal, either case. */
bool number_parse_hex(
    struct span text, uint64_t maximum, uint64_t *number) MUST_USE;
/* In the positional system whose digits are the bytes of `digits`. */
bool number_parse_base(struct span text, const char *digits, uint64_t maximum,
    uint64_t *number) MUST_USE;

/* Writes `number` with at least `width` digits (zero digits in front) and a NUL
 * to `text`, which has room for `size` bytes; returns the length. */
size_t number_format_base(
    uint64_t number, const char *digits, size_t width, char *text, size_t size);

#endif
