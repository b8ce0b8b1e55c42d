/* SPDX-License-Identifier: MIT */
/* Lists of TLS versions as the ..._protocols parameters have them: "!SSLv3,
 * TLSv1.2", ">=TLSv1.2 <=TLSv1.3". Values, no state. */
#ifndef TLS_PROTOCOLS_H
#define TLS_PROTOCOLS_H

#include "lib/base/error.h"
#include "lib/base/span.h"

/* Those that can be spoken, oldest first; the bit of one is 1 << it. */
enum protocol {
	PROTOCOL_TLS1_0,
	PROTOCOL_TLS1_1,
	PROTOCOL_TLS1_2,
	PROTOCOL_TLS1_3,
	PROTOCOL_COUNT
};

#define PROTOCOLS_ALL ((1U << PROTOCOL_COUNT) - 1)

/* Puts the set that the list allows into *set. Words are separated by white
 * space, commas and colons: a name allows that version only, beside others that
 * are named so; "!name" takes one out; ">=name" and "<=name" are bounds. SSLv2
 * and SSLv3 may be named, and are never spoken. False for a word that is
 * neither, and when nothing is left. */
bool protocols_parse(
    struct span list, unsigned *set, struct error *error) MUST_USE;

/* Oldest and newest of a set that is not empty. */
enum protocol protocols_oldest(unsigned set);
enum protocol protocols_newest(unsigned set);

#endif
