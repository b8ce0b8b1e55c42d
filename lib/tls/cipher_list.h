/* SPDX-License-Identifier: MIT */
/* Cipher grades of Postfix, and lists of ciphers in OpenSSL's language that are
 * made from them. Text only. */
#ifndef TLS_CIPHER_LIST_H
#define TLS_CIPHER_LIST_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

enum cipher_grade {
	CIPHER_GRADE_NULL, /* no encryption at all */
	CIPHER_GRADE_MEDIUM,
	CIPHER_GRADE_HIGH,
	CIPHER_GRADE_COUNT
};

/* "high", "medium", "null"; "low" and "export", which are no more, mean
 * medium. In any case. */
bool cipher_grade_parse(
    struct span name, enum cipher_grade *grade, struct error *error) MUST_USE;

/* Appends ":!WORD" for each word of `exclusions`, which white space, commas and
 * colons separate. False when a word is no name of ciphers ("MD5",
 * "aNULL+RC4"), or the list is full. */
bool cipher_list_exclude(
    struct buf *list, struct span exclusions, struct error *error) MUST_USE;

#endif
